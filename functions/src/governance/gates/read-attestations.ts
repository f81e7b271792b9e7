import { AppError } from '../../platform/errors.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { findAttestation, pageOfAttestations } from './attestations.firestore.ts';
import type { Attestation } from './schemas.ts';

/** Throws `governance.attestation_not_found`. */
export const getAttestation = async (org: OrgId, task: string, id: string): Promise<Attestation> => {
  const found = await findAttestation(org, task, id);
  if (!found) throw new AppError(governanceErrors.attestationNotFound);
  return found;
};

export const listAttestations = async (
  org: OrgId,
  task: string,
  page: { pageSize: number; pageToken?: string | undefined },
): Promise<{ attestations: Attestation[]; nextPageToken?: string }> => {
  const found = await pageOfAttestations(org, task, { ...page, pageSize: page.pageSize + 1 });
  const attestations = found.slice(0, page.pageSize);
  const last = attestations.at(-1);
  return found.length > page.pageSize && last ? { attestations, nextPageToken: last.id } : { attestations };
};
