// A paused task starts nothing new: what a change would set free is held in the same commit. Pure.
import type { Stored } from '../platform/firestore.ts';
import { followedBy, type AssignmentChange } from './changes.ts';
import type { Assignment, AssignmentState, Task } from './schemas.ts';

const holdable: ReadonlySet<AssignmentState> = new Set(['blocked', 'ready']);

/** Could it be started by somebody, now or once its predecessors are done? */
export const isHoldable = ({ state }: Pick<Assignment, 'state'>): boolean => holdable.has(state);

/** What of a whole plan may start: nobody has it, and all that it depends on has succeeded. */
export const freeIn = (plan: readonly Stored<Assignment>[]): Stored<Assignment>[] => {
  const succeeded = new Set(plan.filter(({ value }) => value.state === 'succeeded').map(({ value }) => value.id));
  return plan.filter(({ value }) => isHoldable(value) && value.dependsOn.every((id) => succeeded.has(id)));
};

/** The change, followed by a pause of the assignment if its task is paused and somebody could start it. */
export const heldIfPaused = ({ state }: Pick<Task, 'state'>, change: AssignmentChange): AssignmentChange =>
  state === 'paused' && isHoldable(change.after) ? followedBy(change, { type: 'assignment.paused', data: {} }) : change;
