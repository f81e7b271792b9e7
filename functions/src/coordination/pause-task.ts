// A paused task starts nothing new. What runs already is finished and recorded, as its model calls are paid for; its deadline goes on.
import { AppError } from '../platform/errors.ts';
import { databaseTime, isLostRace, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { dispatch } from './dispatch.ts';
import { coordinationErrors } from './errors.ts';
import { finishTask } from './finish-task.ts';
import { freeIn, isHoldable } from './hold.ts';
import { onConflict } from './on-conflict.ts';
import type { Assignment, Task, TaskId } from './schemas.ts';
import { isTaskUnderWay } from './task-state.ts';
import { assignmentsOfTask, requireTask, requireUnchanged, saveTask } from './task-store.firestore.ts';

/** Pausing a paused task is harmless. Throws `coordination.task_not_found`, `coordination.not_pausable`. */
export const pauseTask = (org: OrgId, id: TaskId, { by }: { by: string }): Promise<Task> =>
  onConflict(() => pause(org, id, by));

const pause = async (org: OrgId, id: TaskId, by: string): Promise<Task> => {
  const task = await requireTask(org, id);
  if (task.value.state === 'paused') return task.value;
  if (!isTaskUnderWay(task.value)) {
    throw new AppError(coordinationErrors.notPausable, { detail: `It is ${task.value.state}.` });
  }
  const change = taskChange(task, [{ type: 'task.paused', data: { by } }], databaseTime());
  await saveTask({ org, id, task: change, assignments: heldIn(await assignmentsOfTask(org, id)) });
  return change.after;
};

const heldIn = (assignments: readonly Stored<Assignment>[]) =>
  assignments
    .filter(({ value }) => isHoldable(value))
    .map((stored) => assignmentChange(stored, [{ type: 'assignment.paused', data: {} }], databaseTime()));

/**
 * Holds what has become free since the task was paused and could not be held in the same commit, as a retry. Somebody may resume the
 * task meanwhile: then nothing is held. `assignments` must have been read after the task.
 */
export const holdStragglers = async (task: Stored<Task>, assignments: readonly Stored<Assignment>[]): Promise<void> => {
  const held = heldIn(assignments);
  if (held.length === 0) return;
  const { org, id } = task.value;
  try {
    await saveTask({ org, id, assignments: held, also: (batch) => requireUnchanged(batch, task) });
  } catch (error) {
    if (!isLostRace(error)) throw error;
  }
};

/** Resuming a task that is at work is harmless: it was resumed before. Throws `coordination.task_not_found`, `coordination.not_paused`. */
export const resumeTask = (org: OrgId, id: TaskId, { by }: { by: string }): Promise<Task> =>
  onConflict(() => resume(org, id, by));

const resume = async (org: OrgId, id: TaskId, by: string): Promise<Task> => {
  const task = await requireTask(org, id);
  const now = databaseTime();
  if (task.value.state !== 'paused') {
    if (!isTaskUnderWay(task.value)) {
      throw new AppError(coordinationErrors.notPaused, { detail: `It is ${task.value.state}.` });
    }
    // Whoever resumed it may have died before anything was sent.
    await goOn(org, id, now);
    return task.value;
  }
  const assignments = await assignmentsOfTask(org, id);
  const change = taskChange(task, [{ type: 'task.resumed', data: { by } }], now);
  const resumed = assignments
    .filter(({ value }) => value.state === 'paused')
    .map((stored) => assignmentChange(stored, [{ type: 'assignment.resumed', data: {} }], now));
  await saveTask({ org, id, task: change, assignments: resumed });
  await goOn(org, id, now);
  return change.after;
};

/** By what is there now: what succeeded until the task was resumed has sent nothing. */
const goOn = async (org: OrgId, id: TaskId, now: Date): Promise<void> => {
  const assignments = await assignmentsOfTask(org, id);
  await Promise.all(freeIn(assignments).map((each) => dispatch(each)));
  if (assignments.every(({ value }) => value.state === 'succeeded')) await finishTask(org, id, now);
};
