// The policy of an org: what it stored, or the defaults.
import { AppError, isError } from '../../platform/errors.ts';
import { commit, storeErrors, type Batch, type Revision } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { sharedReads } from '../../platform/shared-reads.ts';
import type { Actor } from '../approvals/schemas.ts';
import { loosens } from './loosens.ts';
import { addChange, type NewChange } from './policy-changes.firestore.ts';
import { findPolicy, unwritten, writePolicy } from './policy-store.firestore.ts';
import { defaultPolicy, type OrgPolicy } from './schemas.ts';

/** A policy, its number, and the revision that a change of it must name. */
export interface PolicyInForce {
  readonly policy: OrgPolicy;
  /** 0 for the defaults. */
  readonly version: number;
  readonly revision: Revision;
}

export const readPolicy = async (org: OrgId): Promise<PolicyInForce> => {
  const stored = await findPolicy(org);
  return stored
    ? { policy: stored.value.policy, version: stored.value.version, revision: stored.revision }
    : { policy: defaultPolicy, version: 0, revision: unwritten };
};

/** Every decision of an instance asks for the policy; a change of it may take this long to be known everywhere. */
const keepMs = 10_000;
const maxOrgs = 1_000;

const policies = sharedReads(readPolicy, { keepMs, maxKeys: maxOrgs });

/** The policy as it was at most ten seconds ago, and its version. */
export const policyInForce = (org: OrgId): Promise<PolicyInForce> => policies.read(org, new Date());

/** The policy as it was at most ten seconds ago. */
export const policyOf = async (org: OrgId): Promise<OrgPolicy> => (await policyInForce(org)).policy;

/** Has the policy read anew by this instance. */
export const forgetPolicy = (org: OrgId): void => policies.forget(org);

export interface Replacement {
  readonly policy: OrgPolicy;
  readonly by: Actor;
  /** What the author saw; `0.0` when the org had none. */
  readonly seen: Revision;
  readonly now: Date;
}

/** The entry in the history that the replacement makes. */
export const changeOf = (
  org: OrgId,
  { policy: before, version }: PolicyInForce,
  { policy: after, by: { uid, role }, now }: Replacement,
): NewChange => {
  const subject = { kind: 'policy' as const, from: version, before, after, loosens: loosens(before, after) };
  return { org, step: 'made', subject, by: { uid, role }, approval: null, approvedBy: null, createdAt: now };
};

/** Puts the policy that the change leads to into a commit, and the change with it. */
export const writeChange = (batch: Batch, change: NewChange, seen: Revision): void => {
  const { org, subject, by, createdAt } = change;
  if (subject.kind !== 'policy') return;
  const record = { org, policy: subject.after, version: subject.from + 1, changedBy: by, changedAt: createdAt };
  writePolicy(batch, record, seen);
  addChange(batch, change);
};

/** Replaces the policy, whatever that loosens. Throws `store.conflict` when it is not the one that the author saw. */
export const replacePolicy = async (org: OrgId, replacement: Replacement): Promise<PolicyInForce> => {
  const { policy, seen } = replacement;
  const current = await readPolicy(org);
  if (current.revision !== seen) throw new AppError(storeErrors.conflict);
  try {
    const revision = await commit((batch) => writeChange(batch, changeOf(org, current, replacement), seen));
    return { policy, version: current.version + 1, revision };
  } catch (error) {
    if (isError(error, storeErrors.exists)) throw new AppError(storeErrors.conflict, { cause: error });
    throw error;
  } finally {
    forgetPolicy(org);
  }
};
