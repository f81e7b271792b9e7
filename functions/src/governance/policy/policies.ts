// The policy of an org: what it stored, or the defaults.
import type { Revision } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { sharedReads } from '../../platform/shared-reads.ts';
import type { Actor } from '../approvals/schemas.ts';
import { findPolicy, unwritten, writePolicy } from './policy-store.firestore.ts';
import { defaultPolicy, type OrgPolicy } from './schemas.ts';

/** A policy and the revision that a change of it must name. */
export interface PolicyInForce {
  readonly policy: OrgPolicy;
  readonly revision: Revision;
}

export const readPolicy = async (org: OrgId): Promise<PolicyInForce> => {
  const stored = await findPolicy(org);
  return stored
    ? { policy: stored.value.policy, revision: stored.revision }
    : { policy: defaultPolicy, revision: unwritten };
};

/** Every decision of an instance asks for the policy; a change of it may take this long to be known everywhere. */
const keepMs = 10_000;
const maxOrgs = 1_000;

const policies = sharedReads(readPolicy, { keepMs, maxKeys: maxOrgs });

/** The policy as it was at most ten seconds ago. */
export const policyOf = async (org: OrgId): Promise<OrgPolicy> => (await policies.read(org, new Date())).policy;

export interface PolicyChange {
  readonly policy: OrgPolicy;
  readonly by: Actor;
  /** What the author saw; `0.0` when the org had none. */
  readonly seen: Revision;
  readonly now: Date;
}

/** Replaces the policy. Throws `store.conflict` when it is not the one that the author saw. */
export const replacePolicy = async (org: OrgId, { policy, by, seen, now }: PolicyChange): Promise<PolicyInForce> => {
  const changedBy = { uid: by.uid, role: by.role };
  const revision = await writePolicy({ org, policy, changedBy, changedAt: now }, seen);
  policies.forget(org);
  return { policy, revision };
};
