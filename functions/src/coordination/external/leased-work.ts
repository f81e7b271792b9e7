// What an external agent may do with what it holds.
//
// X1. An agent sees only assignments that are its own; whether others exist it cannot tell.
// X2. Only the latest claim counts: its token and its epoch must both be those on record (C2).
// X3. A lease that has run out still counts until somebody else has claimed the assignment: work that is done is not thrown away.
// X4. Saying the same again, as after an answer that was lost, is harmless: what the claim led to is answered.
// X5. When the time of the work is up nothing counts any more: whoever says something then ends the work.
import { databaseTime, type Stored } from '../../platform/firestore.ts';
import type { SpecialistId } from '../../agents/index.ts';
import { AppError } from '../../platform/errors.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { isTimeUp } from '../assignment-state.ts';
import { effectsOfAssignment } from '../effects.firestore.ts';
import { effectId, intended } from '../effects.ts';
import { coordinationErrors } from '../errors.ts';
import { failOverdue } from '../fail-overdue.ts';
import { HeldAssignment } from '../held-assignment.ts';
import type { Assignment, AssignmentId, TaskId } from '../schemas.ts';
import { findAssignment } from '../task-store.firestore.ts';
import { holderOf } from './claim-for-agent.ts';
import { isTokenOf } from './lease-mark.ts';
import type { Lease } from './schemas.ts';

export interface LeasedWork {
  readonly org: OrgId;
  readonly agent: SpecialistId;
  readonly task: TaskId;
  readonly assignment: AssignmentId;
  readonly lease: Lease;
}

export type Standing =
  | { readonly state: 'held'; readonly held: HeldAssignment }
  /** The claim has led to this already (X4). */
  | { readonly state: 'ended'; readonly assignment: Assignment };

export const timeIsOver = (): AppError =>
  new AppError(coordinationErrors.leaseLost, { detail: 'The time for the work is over.' });

/** For what is said by a holder that stays one. */
export const noEnding = (): boolean => false;

/**
 * How the claim stands; `isEnding` knows what the agent's word leads to when it is taken. Throws `coordination.assignment_not_found` (X1),
 * `coordination.lease_lost` (X2, X5), `coordination.assignment_canceled`.
 */
export const standingOf = async (
  work: LeasedWork,
  isEnding: (assignment: Assignment) => boolean,
): Promise<Standing> => {
  const { org, task, lease } = work;
  const stored = await findAssignment(org, task, work.assignment);
  if (stored?.value.specialist !== work.agent) throw new AppError(coordinationErrors.assignmentNotFound);
  const { value } = stored;
  const { owner, epoch, state } = value;
  if (owner?.instance === holderOf(work.agent) && isTokenOf(owner.run, lease.token) && epoch === lease.epoch) {
    if (isTimeUp(value, databaseTime())) {
      await failOverdue(stored);
      throw timeIsOver();
    }
    return { state: 'held', held: await heldNow(stored) };
  }
  if (owner === null && epoch === lease.epoch && isEnding(value)) return { state: 'ended', assignment: value };
  if (state === 'canceled') throw new AppError(coordinationErrors.assignmentCanceled);
  throw new AppError(coordinationErrors.leaseLost, { detail: `The assignment is ${state}.` });
};

/** With the effect that was intended under its latest claim. */
const heldNow = async (stored: Stored<Assignment>): Promise<HeldAssignment> => {
  const { value } = stored;
  const known = await effectsOfAssignment(value.org, value.task, value.id);
  const effect = known.find(
    ({ state, epoch, id, kind, step }) =>
      state === 'intended' && epoch === value.epoch && id === effectId(value, kind, step),
  );
  return new HeldAssignment(stored, effect ?? intended(value, 'agent.dispatch', 0, databaseTime()));
};
