// Who may decide on a request, and what their word does. Pure: each function returns the request as it then is, the very same
// object when nothing changes.
//
// A4. The roles that the policy named may decide, and whoever they delegated it to; an agent never.
// A5. Nobody decides on what they asked for themselves. Whoever submitted a task has asked for what its work needs approved, too; only a
//     main coordinator, who has nobody above, may decide on that.
// A6. Saying the same thing twice is harmless; contradicting a decision, one's own or another's, is a conflict.
import { AppError, platformErrors } from '../../platform/errors.ts';
import { governanceErrors } from '../errors.ts';
import { evolveApproval, isOver } from './approval-state.ts';
import type { Actor, Approval, Delegate } from './schemas.ts';

export interface Verdict {
  readonly state: 'approved' | 'rejected';
  readonly comment: string;
  /** Only a rejection can ask for it. */
  readonly rework: boolean;
}

/** A long chain of delegations is a loop; the record must not grow without bound. */
const maxHistory = 50;

/** Throws `governance.not_yours_to_decide`, `governance.approval_is_over`. */
export const decide = (approval: Approval, by: Actor, { state, comment, rework }: Verdict, now: Date): Approval => {
  requireDecider(approval, by);
  if (approval.state === state && approval.decision?.by.uid === by.uid) return approval;
  requireOpen(approval, now);
  return evolveApproval(
    approval,
    state === 'approved' ? { type: state, at: now, by, comment } : { type: state, at: now, by, comment, rework },
  );
};

/**
 * Lets somebody else decide, too. Throws `governance.not_yours_to_decide`, `governance.approval_is_over`,
 * `governance.too_many_delegations`, and `platform.invalid_input` when it would go to the one who asked.
 */
export const delegateTo = (approval: Approval, by: Actor, to: Delegate, now: Date): Approval => {
  requireDecider(approval, by);
  requireOpen(approval, now);
  if ('uid' in to && hasAsked(approval, to.uid)) {
    throw new AppError(platformErrors.invalidInput, {
      detail: 'The one who asked may not decide.',
      errors: [{ pointer: '#/uid', detail: 'must be somebody else than the one who asked' }],
    });
  }
  if (isDelegatedTo(approval, to)) return approval;
  if (approval.history.length >= maxHistory) throw new AppError(governanceErrors.tooManyDelegations);
  return evolveApproval(approval, { type: 'delegated', at: now, by, to });
};

const requireDecider = (approval: Approval, { uid, role }: Actor): void => {
  if (hasAsked(approval, uid)) throw notYours('Nobody decides on their own request.');
  if (role !== 'main-coordinator' && approval.submittedBy === uid) {
    throw notYours('Whoever submitted the task does not decide on what it needs, unless they are a main coordinator.');
  }
  const named = approval.mayDecide.some((each) => each === role);
  const passedOn = isDelegatedTo(approval, { uid }) || isDelegatedTo(approval, { role });
  if (role === 'agent' || !(named || passedOn)) {
    throw notYours(`It is for: ${approval.mayDecide.join(', ')}, or whom they delegate it to.`);
  }
};

const notYours = (detail: string) => new AppError(governanceErrors.notYoursToDecide, { detail });

const requireOpen = (approval: Approval, now: Date): void => {
  if (approval.state !== 'pending' || approval.deadlineAt <= now) throw isOver(approval);
};

const hasAsked = ({ requestedBy }: Approval, uid: string) => requestedBy.kind === 'person' && requestedBy.uid === uid;

const isDelegatedTo = ({ delegatedTo }: Approval, to: { uid: string } | { role: string }): boolean => {
  if (delegatedTo === null) return false;
  if ('uid' in delegatedTo) return 'uid' in to && to.uid === delegatedTo.uid;
  return 'role' in to && to.role === delegatedTo.role;
};
