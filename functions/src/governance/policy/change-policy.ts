// What an org is judged by is loosened by a main coordinator, or by two people: what an operator loosens is asked for, and takes effect once
// somebody who may has confirmed it. What tightens the policy takes effect at once.
import { AppError } from '../../platform/errors.ts';
import { storeErrors } from '../../platform/firestore.ts';
import { jsonHash } from '../../platform/hash.ts';
import { wire } from '../../platform/http/wire.ts';
import type { PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { requestOnce } from '../approvals/request-once.ts';
import type { Approval } from '../approvals/schemas.ts';
import { loosens } from './loosens.ts';
import { addChange, pageOfChanges, type NewChange } from './policy-changes.firestore.ts';
import { changeOf, readPolicy, replacePolicy, type PolicyInForce, type Replacement } from './policies.ts';
import type { ApprovalPolicy, OrgPolicy, PolicyChange } from './schemas.ts';

export type PolicyOutcome =
  | ({ readonly state: 'in-force' } & PolicyInForce)
  /** It takes effect once the request is approved. */
  | { readonly state: 'proposed'; readonly approval: Approval };

/** Replaces the policy, or asks for it. Throws `store.conflict` when it is not the one that the author saw. */
export const changePolicy = async (org: OrgId, replacement: Replacement): Promise<PolicyOutcome> => {
  const { policy, by, seen, now } = replacement;
  const current = await readPolicy(org);
  if (current.revision !== seen) throw new AppError(storeErrors.conflict);
  const loosened = loosens(current.policy, policy);
  if (by.role === 'main-coordinator' || loosened.length === 0) {
    return { state: 'in-force', ...(await replacePolicy(org, replacement)) };
  }
  const approval = await propose(changeOf(org, current, replacement), {
    policy: current.policy,
    slot: ['policy', current.revision, jsonHash(wire(policy))],
    loosened,
    now,
  });
  return { state: 'proposed', approval };
};

export interface Proposal {
  /** The policy in force. */
  readonly policy: OrgPolicy;
  /** What makes it this proposal: the same one again meets the same request while that is pending. */
  readonly slot: readonly string[];
  readonly loosened: readonly string[];
  readonly now: Date;
}

/** Asks for a change, and puts on record what it is. */
export const propose = async (change: NewChange, { policy, slot, loosened, now }: Proposal): Promise<Approval> => {
  const { org, by } = change;
  const { approval } = await requestOnce({
    slot,
    draft: {
      org,
      task: null,
      subject: { kind: 'security-policy-change', loosens: [...loosened] },
      reason: `${by.uid} wants to loosen what the organisation is judged by: ${loosened.join(', ')}`,
      requestedBy: { kind: 'person', ...by },
      policy: { ...policy.approvals, mayDecide: confirmers(policy), onSilence: 'reject' },
    },
    isSame: ({ state, deadlineAt }) => state === 'pending' && deadlineAt > now,
    also: (batch, { id }) => addChange(batch, { ...change, step: 'proposed', approval: id }),
    now,
  });
  return approval;
};

/** An agent or a member never does, whoever decides on the work of tasks. */
const confirmers = ({ changes }: OrgPolicy): ApprovalPolicy['mayDecide'] =>
  changes.confirmedBy === 'second-person' ? ['main-coordinator', 'operator'] : ['main-coordinator'];

/** What was changed or proposed, newest first. */
export const listPolicyChanges = async (
  org: OrgId,
  page: PageRequest,
): Promise<{ changes: PolicyChange[]; nextPageToken?: string }> => {
  const { records: changes, ...next } = await pageOfChanges(org, page);
  return { changes, ...next };
};
