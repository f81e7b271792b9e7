// The public keys that an org's CI signs attestations with, under `orgs/{org}/attestationKeys`.
import {
  commitWithin,
  firestore,
  parseOptional,
  readDocument,
  unchangedSince,
  type Batch,
  type Stored,
} from '../../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { attestationKey, type AttestationKey } from './schemas.ts';

const keysOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('attestationKeys');

/** Of those that are not revoked. */
export const maxAttestationKeys = 100;

/** The commit throws `store.exists` when one of that id is there. */
export const createKey = (batch: Batch, record: AttestationKey): void => {
  batch.create(keysOf(record.org).doc(record.id), record);
};

/** Writes a key and what comes with it. Throws `store.exists` when one of that id is there, and `governance.too_many_attestation_keys`. */
export const createKeyWithinLimit = (record: AttestationKey, also: (batch: Batch) => void) => {
  const made = keysOf(record.org).doc(record.id);
  const inForce = keysOf(record.org).where('revokedAt', '==', null).select();
  const limit = { among: inForce, most: maxAttestationKeys, refusal: governanceErrors.tooManyAttestationKeys };
  return commitWithin(limit, made, (batch) => {
    createKey(batch, record);
    also(batch);
  });
};

export const findKey = async (org: OrgId, id: string): Promise<Stored<AttestationKey> | undefined> =>
  parseOptional(attestationKey, await readDocument(keysOf(org).doc(id)));

/** The commit throws `store.conflict` when somebody else wrote first. */
export const markRevoked = (
  batch: Batch,
  { value: { org, id }, revision }: Stored<AttestationKey>,
  revocation: Pick<AttestationKey, 'revokedAt' | 'revokedBy'>,
): void => {
  batch.update(keysOf(org).doc(id), revocation, unchangedSince(revision));
};

/** Newest first. */
export const pageOfKeys = (org: OrgId, page: PageRequest): Promise<Page<AttestationKey>> =>
  readPage({ schema: attestationKey, collection: keysOf(org) }, page);
