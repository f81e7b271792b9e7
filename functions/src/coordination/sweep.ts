// The sweeper: once a minute, the tasks that are due. Its cost follows the number of unfinished tasks; finished ones have no
// `wakeAt` and are never read.
import * as logger from 'firebase-functions/logger';
import type { Gateway } from '../llm/index.ts';
import { handleDue, type SweepLimits } from '../platform/due-records.ts';
import { describeError, isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import { advanceTask } from './advance-task.ts';
import { recoverSilent } from './recover.ts';
import type { Task } from './schemas.ts';
import { isDue, isTaskOver, wakeTime } from './task-state.ts';
import { postponeWake, tasksToWake } from './task-store.firestore.ts';

/** Each looks at the assignments of its task, up to 200. */
const limits: SweepLimits = { atOnce: 32 };

/** Advances every task that is due. */
export const sweep = async (gateway: Gateway, now: Date): Promise<void> => {
  await lookForSilent(gateway);
  await handleDue(tasksToWake(now), (task) => wake(task, gateway, now), limits);
};

/** What is not found here is found by the next pulse of whoever works; the tasks that are due must not wait for it. */
const lookForSilent = async (gateway: Gateway): Promise<void> => {
  try {
    await recoverSilent(gateway);
  } catch (error) {
    logger.error('Silent instances could not be looked for', { cause: describeError(error) });
  }
};

const wake = async (task: Stored<Task>, gateway: Gateway, now: Date): Promise<void> => {
  const { org, id } = task.value;
  try {
    // First the next look, so that two sweepers seldom do the same work, and a task that makes one fail does not hold up the rest.
    const current = isTaskOver(task.value) ? task : await postponed(task, nextLook(task.value, now));
    await advanceTask(current, gateway, now);
  } catch (error) {
    if (isError(error, storeErrors.conflict)) return;
    logger.error('A task could not be advanced', { org, task: id, cause: describeError(error) });
  }
};

/** A task that waits for its turn is called when there is room: this is for the case that the call gets lost. */
const queueLookMs = 10 * 60 * 1_000;

const nextLook = (task: Task, now: Date): Date =>
  task.state === 'submitted' && isDue(task, now) ? wakeTime(task, now, queueLookMs) : wakeTime(task, now);

const postponed = async (task: Stored<Task>, wakeAt: Date): Promise<Stored<Task>> => {
  const revision = await postponeWake(task.value.org, task, wakeAt);
  return { value: { ...task.value, wakeAt }, revision };
};
