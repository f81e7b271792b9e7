// Work of instances that died is looked after at once: by every instance that starts, by those that are at work, and by the
// sweeper. What it costs follows from how many died, not from how much there is.
import { setTimeout as delay } from 'node:timers/promises';
import * as logger from 'firebase-functions/logger';
import { describeError, isError } from '../platform/errors.ts';
import { databaseTime, storeErrors } from '../platform/firestore.ts';
import { eachOf } from '../platform/each-of.ts';
import type { Gateway } from '../llm/index.ts';
import { advanceTask } from './advance-task.ts';
import {
  forgetInstance,
  freshForMs,
  silentInstances,
  takeUpInstance,
  whileWorking,
  type SilentInstance,
} from './instance.firestore.ts';
import { pauseAfter } from './on-conflict.ts';
import type { OrgId } from '../platform/schemas.ts';
import type { TaskId } from './schemas.ts';
import { findTask, touchedBy } from './task-store.firestore.ts';

/** What was committed so shortly before the last heartbeat may still be unsent. */
const lookBackMs = 10_000;

/** Advances every task that an instance which is silent now held or had just changed. */
export const recoverSilent = async (gateway: Gateway): Promise<void> => {
  const silent = await silentInstances();
  await Promise.all(silent.map((instance) => tryToLookAfter(instance, gateway)));
};

/** One that fails does not hold up the rest. */
const tryToLookAfter = async (silent: SilentInstance, gateway: Gateway): Promise<void> => {
  try {
    await lookAfter(silent, gateway);
  } catch (error) {
    couldNotLookAfter(silent, error);
  }
};

const couldNotLookAfter = ({ id }: SilentInstance, error: unknown): void =>
  logger.error('A silent instance could not be looked after', { instance: id, cause: describeError(error) });

/** Each is a task with its assignments, up to 200. */
const advancedAtOnce = 16;

/** What is left then is for whoever takes the record up when a lease has passed: nobody else looks before. */
const maxLooks = 4;

const lookAfter = async (silent: SilentInstance, gateway: Gateway): Promise<void> => {
  const instance = await takeUpInstance(silent);
  if (!instance) return;
  for (let looks = 1; looks <= maxLooks; looks++) {
    const heldForMs = await advanceTouched(instance, gateway);
    if (heldForMs === 0) return forgetInstance(instance);
    await (heldForMs === undefined ? pauseAfter(looks) : delay(heldForMs));
  }
};

/**
 * For how long something still counts as held by it: a claim is a sign of life too, and may be younger than the last heartbeat. Undefined
 * when something could not be looked at.
 */
const advanceTouched = async (instance: SilentInstance, gateway: Gateway): Promise<number | undefined> => {
  try {
    const since = new Date(instance.lastBeatAt.getTime() - lookBackMs);
    const { tasks, lastClaimAt } = await touchedBy(instance.id, since);
    const advanced = await eachOf(tasks, advancedAtOnce, ({ org, id }) => tryToAdvance(org, id, gateway));
    return advanced.every(Boolean) ? freshForMs(lastClaimAt) : undefined;
  } catch (error) {
    couldNotLookAfter(instance, error);
    return undefined;
  }
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
