// The policy of an org, at `orgs/{org}/policy/current`. Every path starts with the org (C8).
import {
  firestore,
  parseOptional,
  readDocument,
  unchangedSince,
  type Batch,
  type Revision,
  type Stored,
} from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { policyRecord, type PolicyRecord } from './schemas.ts';

const policyRef = (org: OrgId) => firestore().collection('orgs').doc(org).collection('policy').doc('current');

/** The revision of a policy that nobody has written yet: no commit ever has it. */
export const unwritten: Revision = '0.0';

export const findPolicy = async (org: OrgId): Promise<Stored<PolicyRecord> | undefined> =>
  parseOptional(policyRecord, await readDocument(policyRef(org)));

/** Writes the policy if it is still at `seen`: otherwise the commit throws `store.conflict` or `store.exists`. */
export const writePolicy = (batch: Batch, record: PolicyRecord, seen: Revision): void => {
  const reference = policyRef(record.org);
  if (seen === unwritten) batch.create(reference, record);
  else batch.update(reference, { ...record }, unchangedSince(seen));
};
