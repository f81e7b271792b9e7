// The public keys that an org's CI signs attestations with, under `orgs/{org}/attestationKeys`.
import {
  commit,
  firestore,
  parseOptional,
  readDocument,
  unchangedSince,
  type Stored,
} from '../../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { attestationKey, type AttestationKey } from './schemas.ts';

const keysOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('attestationKeys');

/** Throws `store.exists` when one of that id is there. */
export const createKey = (record: AttestationKey) =>
  commit((batch) => batch.create(keysOf(record.org).doc(record.id), record));

export const findKey = async (org: OrgId, id: string): Promise<Stored<AttestationKey> | undefined> =>
  parseOptional(attestationKey, await readDocument(keysOf(org).doc(id)));

/** Throws `store.conflict` when somebody else wrote first. */
export const markRevoked = (
  { value: { org, id }, revision }: Stored<AttestationKey>,
  revocation: Pick<AttestationKey, 'revokedAt' | 'revokedBy'>,
) => commit((batch) => batch.update(keysOf(org).doc(id), revocation, unchangedSince(revision)));

/** Newest first. */
export const pageOfKeys = (org: OrgId, page: PageRequest): Promise<Page<AttestationKey>> =>
  readPage({ schema: attestationKey, collection: keysOf(org) }, page);
