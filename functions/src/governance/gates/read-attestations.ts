import { AppError } from '../../platform/errors.ts';
import type { PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { findAttestation, pageOfAttestations } from './attestations.firestore.ts';
import type { Attestation } from './schemas.ts';

/** Of the org as a whole when there is no task. Throws `governance.attestation_not_found`. */
export const getAttestation = async (org: OrgId, task: string | null, id: string): Promise<Attestation> => {
  const found = await findAttestation(org, task, id);
  if (!found) throw new AppError(governanceErrors.attestationNotFound);
  return found;
};

export const listAttestations = async (
  org: OrgId,
  task: string | null,
  page: PageRequest,
): Promise<{ attestations: Attestation[]; nextPageToken?: string }> => {
  const { records: attestations, ...next } = await pageOfAttestations(org, task, page);
  return { attestations, ...next };
};
