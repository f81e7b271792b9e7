// What a request for approval says, and how long it may wait. Pure.
import { outcomeOf } from '../governance/index.ts';
import type { Approval, ApprovalPolicy, NeedingApproval } from '../governance/schemas.ts';
import type { AssignmentId, Task, Wait } from './schemas.ts';

/**
 * When silence ends the wait: at the task's own deadline if silence pauses the task, else after the policy's time, but early enough for
 * what follows to be done before the task's deadline.
 */
export const decideBy = (
  { deadlineAt }: Pick<Task, 'deadlineAt'>,
  { deadlineMinutes, onSilence }: Pick<ApprovalPolicy, 'deadlineMinutes' | 'onSilence'>,
  now: Date,
): Date => {
  if (onSilence === 'pause') return deadlineAt;
  const leftMs = Math.max(0, deadlineAt.getTime() - now.getTime());
  return new Date(now.getTime() + Math.min(deadlineMinutes * 60_000, leftMs * 0.75));
};

/** The decisions that nobody has granted for the task yet: the same fact is asked about once, however often it is delivered. */
export const notYetGranted = (
  above: readonly NeedingApproval[],
  approvals: readonly Approval[],
): readonly NeedingApproval[] => {
  const granted = new Set(
    approvals
      .filter((each) => outcomeOf(each) === 'granted')
      .flatMap(decisionsIn)
      .map(factOf),
  );
  return above.filter((each) => !granted.has(factOf(each)));
};

const decisionsIn = ({ subject }: Approval): readonly NeedingApproval[] =>
  subject.kind === 'decisions' ? subject.decisions : [];

const factOf = ({ decision: { kind }, why }: NeedingApproval): string => JSON.stringify([kind, why]);

export const reasonOf = (above: readonly NeedingApproval[]): string =>
  above.map(({ decision, why }) => `${decision.summary} ${why}`).join(' ');

/** The wait of a task for the decision; `assignment` is null when all of its work is done. */
export const approvalWait = (
  { id, mayDecide, reason, deadlineAt, onSilence }: Approval,
  assignment: AssignmentId | null,
): Wait => ({
  id,
  kind: 'approval',
  assignment,
  party: mayDecide.join(' or '),
  reason,
  deadlineAt,
  onSilence: onSilence === 'pause' ? 'fail' : onSilence,
});
