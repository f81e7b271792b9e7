// Gates, attestations and keys as callers see them.
import { z } from '@hono/zod-openapi';
import { nextPageToken } from '../../../platform/http/pages.ts';
import { wire } from '../../../platform/http/wire.ts';
import {
  attestation,
  attestationKey,
  gateVerdict,
  type Attestation,
  type AttestationKey,
  type GateVerdict,
} from '../schemas.ts';

const time = z.iso.datetime();

export const gateVerdictView = gateVerdict
  .extend({ evidence: z.array(gateVerdict.shape.evidence.element.extend({ at: time })) })
  .openapi('GateVerdict');

export const viewGateVerdict = (verdict: GateVerdict) => wire(verdict);

export const attestationView = attestation
  .omit({ org: true, task: true })
  .extend({ broughtBy: attestation.shape.broughtBy.unwrap(), at: time, createdAt: time })
  .openapi('Attestation');

export const attestationPage = z
  .object({ attestations: z.array(attestationView), nextPageToken })
  .openapi('AttestationPage');

export const viewAttestation = ({ org: _org, task: _task, ...shown }: Attestation) => wire(shown);

export const attestationKeyView = attestationKey
  .omit({ org: true })
  .extend({ createdAt: time, revokedAt: time.nullable() })
  .openapi('AttestationKey');

export const viewAttestationKey = ({ org: _org, ...shown }: AttestationKey) => wire(shown);
