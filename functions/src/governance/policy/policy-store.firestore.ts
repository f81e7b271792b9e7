// The policy of an org, at `orgs/{org}/policy/current`. Every path starts with the org (C8).
import {
  commit,
  firestore,
  parseOptional,
  readDocument,
  storeErrors,
  unchangedSince,
  type Revision,
  type Stored,
} from '../../platform/firestore.ts';
import { AppError, isError } from '../../platform/errors.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { policyRecord, type PolicyRecord } from './schemas.ts';

const policyRef = (org: OrgId) => firestore().collection('orgs').doc(org).collection('policy').doc('current');

/** The revision of a policy that nobody has written yet: no commit ever has it. */
export const unwritten: Revision = '0.0';

export const findPolicy = async (org: OrgId): Promise<Stored<PolicyRecord> | undefined> =>
  parseOptional(policyRecord, await readDocument(policyRef(org)));

/** Writes the policy if it is still at `seen`. Throws `store.conflict` when it is not. */
export const writePolicy = async (record: PolicyRecord, seen: Revision): Promise<Revision> => {
  try {
    return await commit((batch) => {
      const reference = policyRef(record.org);
      if (seen === unwritten) batch.create(reference, record);
      else batch.update(reference, { ...record }, unchangedSince(seen));
    });
  } catch (error) {
    if (isError(error, storeErrors.exists)) throw new AppError(storeErrors.conflict, { cause: error });
    throw error;
  }
};
