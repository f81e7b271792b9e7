// The word of a person on an approval request: read, decide, write if nobody wrote meanwhile. The loser of a race decides
// again on what the winner left, so of two contradicting decisions one stands and the other is told (A1 of approval-state.ts).
import { AppError, isError } from '../../platform/errors.ts';
import { isLostRace, storeErrors, type Stored } from '../../platform/firestore.ts';
import type { PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { confirmationOf } from '../policy/confirm-change.ts';
import { forgetPolicy } from '../policy/policies.ts';
import { withdraw } from './approval-state.ts';
import {
  findApproval,
  pageOfApprovals,
  pendingOfTask,
  saveApproval,
  type ApprovalFilter,
} from './approvals.firestore.ts';
import { decide, delegateTo } from './decide.ts';
import type { Actor, Approval, ApprovalId, Delegate } from './schemas.ts';

/** Throws `governance.approval_not_found`. */
export const getApproval = async (org: OrgId, id: ApprovalId): Promise<Approval> => (await found(org, id)).value;

const found = async (org: OrgId, id: ApprovalId): Promise<Stored<Approval>> => {
  const stored = await findApproval(org, id);
  if (!stored) throw new AppError(governanceErrors.approvalNotFound);
  return stored;
};

export const listApprovals = async (
  org: OrgId,
  page: ApprovalFilter & PageRequest,
): Promise<{ approvals: Approval[]; nextPageToken?: string }> => {
  const { records: approvals, ...next } = await pageOfApprovals(org, page);
  return { approvals, ...next };
};

export interface Word {
  readonly by: Actor;
  readonly comment?: string | undefined;
  readonly now: Date;
}

/**
 * Throws `governance.not_yours_to_decide`, `governance.approval_is_over`, and what `confirmationOf` throws. Approving again is harmless. A
 * change of the policy takes effect in the commit of its approval.
 */
export const approve = async (
  org: OrgId,
  id: ApprovalId,
  { by: { uid, role }, comment = '', now }: Word,
): Promise<Approval> => {
  const verdict = { state: 'approved' as const, comment, rework: false };
  const approved = await change(org, id, (approval) => decide(approval, { uid, role }, verdict, now), confirmationOf);
  if (approved.subject.kind === 'security-policy-change') forgetPolicy(org);
  return approved;
};

/** Like `approve`; `rework` says that the work may be tried another way. */
export const reject = (
  org: OrgId,
  id: ApprovalId,
  { by, comment = '', rework = false, now }: Word & { readonly rework?: boolean | undefined },
): Promise<Approval> =>
  change(org, id, (approval) => decide(approval, by, { state: 'rejected', comment, rework }, now));

/** Lets somebody else decide, too, instead of whom it was delegated to before. Throws what `delegateTo` throws. */
export const delegateApproval = (
  org: OrgId,
  id: ApprovalId,
  { by, to, now }: { readonly by: Actor; readonly to: Delegate; readonly now: Date },
): Promise<Approval> => change(org, id, (approval) => delegateTo(approval, by, to, now));

/** Withdraws what nobody has decided of a task that is over; what somebody decides meanwhile stays decided (A1). */
export const withdrawApprovals = async (org: OrgId, task: string, now: Date): Promise<void> => {
  const pending = await pendingOfTask(org, task);
  await Promise.all(pending.map((id) => change(org, id, (approval) => withdraw(approval, now))));
};

const maxAttempts = 5;

const change = async (
  org: OrgId,
  id: ApprovalId,
  next: (approval: Approval) => Approval,
  consequences: typeof confirmationOf = () => Promise.resolve(undefined),
): Promise<Approval> => {
  for (let attempt = 1; ; attempt++) {
    const stored = await found(org, id);
    const after = next(stored.value);
    if (after === stored.value) return after;
    try {
      await saveApproval(stored, after, await consequences(after));
      return after;
    } catch (error) {
      // A commit of which nobody knows whether it happened is seen in the next read, and then changes nothing (A6 of decide.ts).
      const readAgain = isLostRace(error) || isError(error, storeErrors.outcomeUnknown);
      if (!readAgain || attempt === maxAttempts) throw error;
    }
  }
};
