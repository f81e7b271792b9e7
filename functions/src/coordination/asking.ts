// What a request for approval says, and how long it may wait. Pure.
import type { Approval, NeedingApproval } from '../governance/schemas.ts';
import type { AssignmentId, Task, Wait } from './schemas.ts';

/** The policy's time, but early enough for what follows to be done before the task's own deadline. */
export const decideBy = ({ deadlineAt }: Task, minutes: number, now: Date): Date => {
  const leftMs = Math.max(0, deadlineAt.getTime() - now.getTime());
  return new Date(now.getTime() + Math.min(minutes * 60_000, leftMs * 0.75));
};

export const reasonOf = (above: readonly NeedingApproval[]): string =>
  above.map(({ decision, why }) => `${decision.summary} ${why}`).join(' ');

/** The wait of a task for the decision; `assignment` is null when all of its work is done. */
export const approvalWait = (
  { id, mayDecide, reason, deadlineAt, onSilence }: Approval,
  assignment: AssignmentId | null,
): Wait => ({ id, kind: 'approval', assignment, party: mayDecide.join(' or '), reason, deadlineAt, onSilence });
