// A paused task starts nothing new: what a change would set free is held in the same commit. Pure.
import { followedBy, type AssignmentChange } from './changes.ts';
import type { Assignment, AssignmentState, Task } from './schemas.ts';

const holdable: ReadonlySet<AssignmentState> = new Set(['blocked', 'ready']);

/** Could it be started by somebody, now or once its predecessors are done? */
export const isHoldable = ({ state }: Pick<Assignment, 'state'>): boolean => holdable.has(state);

/** The change, followed by a pause of the assignment if its task is paused and somebody could start it. */
export const heldIfPaused = ({ state }: Pick<Task, 'state'>, change: AssignmentChange): AssignmentChange =>
  state === 'paused' && isHoldable(change.after) ? followedBy(change, { type: 'assignment.paused', data: {} }) : change;
