// The public keys that an org's CI signs attestations with, under `orgs/{org}/attestationKeys`.
import {
  firestore,
  parseOptional,
  readDocument,
  unchangedSince,
  type Batch,
  type Stored,
} from '../../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { attestationKey, type AttestationKey } from './schemas.ts';

const keysOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('attestationKeys');

/** The commit throws `store.exists` when one of that id is there. */
export const createKey = (batch: Batch, record: AttestationKey): void => {
  batch.create(keysOf(record.org).doc(record.id), record);
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
