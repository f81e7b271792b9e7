// Work of instances that died is looked after at once: by every instance that starts, by those that are at work, and by the
// sweeper. What it costs follows from how many died, not from how much there is.
import * as logger from 'firebase-functions/logger';
import { describeError, isError } from '../platform/errors.ts';
import { databaseTime, storeErrors } from '../platform/firestore.ts';
import type { Gateway } from '../llm/index.ts';
import { advanceTask } from './advance-task.ts';
import {
  forgetInstance,
  isFresh,
  silentInstances,
  takeUpInstance,
  whileWorking,
  type SilentInstance,
} from './instance.firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import type { TaskId } from './schemas.ts';
import { findTask, touchedBy } from './task-store.firestore.ts';

/** What was committed so shortly before the last heartbeat may still be unsent. */
const lookBackMs = 10_000;

/** Advances every task that an instance which is silent now held or had just changed. */
export const recoverSilent = async (gateway: Gateway): Promise<void> => {
  const silent = await silentInstances();
  for (const instance of silent) await tryToLookAfter(instance, gateway);
};

/** One that fails does not hold up the rest; it is taken up again when a lease has passed. */
const tryToLookAfter = async (silent: SilentInstance, gateway: Gateway): Promise<void> => {
  try {
    await lookAfter(silent, gateway);
  } catch (error) {
    logger.error('A silent instance could not be looked after', { instance: silent.id, cause: describeError(error) });
  }
};

const lookAfter = async (silent: SilentInstance, gateway: Gateway): Promise<void> => {
  const instance = await takeUpInstance(silent);
  if (!instance) return;
  const { tasks, lastClaimAt } = await touchedBy(instance.id, new Date(instance.lastBeatAt.getTime() - lookBackMs));
  const advanced = await Promise.all(tasks.map(({ org, id }) => tryToAdvance(org, id, gateway)));
  // A claim is a sign of life too, and may be younger than the last heartbeat: what still counts as held is looked at once more.
  if (advanced.every(Boolean) && !isFresh(lastClaimAt)) await forgetInstance(instance);
};

/** False when it has to be looked at again. */
const tryToAdvance = async (org: OrgId, id: TaskId, gateway: Gateway): Promise<boolean> => {
  try {
    const task = await findTask(org, id);
    if (task) await advanceTask(task, gateway, databaseTime());
    return true;
  } catch (error) {
    // Somebody else changed it meanwhile, which need not be what a silent instance's task is in want of.
    if (isError(error, storeErrors.conflict)) return false;
    logger.error('A task of a silent instance could not be advanced', { org, task: id, cause: describeError(error) });
    return false;
  }
};

let firstLook: Promise<void> | undefined;

/** For each event that an instance gets: the first one looks for silent instances at once, and from then on every pulse does. */
export const keepWatch = (gateway: Gateway): Promise<void> => {
  if (firstLook) return Promise.resolve();
  whileWorking(() => recoverSilent(gateway));
  // What fails now is found by the next pulse, or by the sweeper.
  firstLook = recoverSilent(gateway).catch(() => undefined);
  return firstLook;
};
