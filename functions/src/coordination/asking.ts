// What a request for approval says, and how long it may wait. Pure.
import type { NeedingApproval } from '../governance/schemas.ts';
import type { Task } from './schemas.ts';

/** The policy's time, but early enough for what follows to be done before the task's own deadline. */
export const decideBy = ({ deadlineAt }: Task, minutes: number, now: Date): Date => {
  const leftMs = Math.max(0, deadlineAt.getTime() - now.getTime());
  return new Date(now.getTime() + Math.min(minutes * 60_000, leftMs * 0.75));
};

export const reasonOf = (above: readonly NeedingApproval[]): string =>
  above.map(({ decision, why }) => `${decision.summary} ${why}`).join(' ');
