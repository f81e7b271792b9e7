// Starts tasks as their org has room for them, the most urgent and then the oldest first (F1 to F3 of admission.ts). The counts are
// asked of the database each time: a counter of our own would be written with every task (C7).
import { capacityOf, policyOf, readPolicy } from '../governance/index.ts';
import type { OrgPolicy } from '../governance/schemas.ts';
import type { Gateway } from '../llm/index.ts';
import { coalesced } from '../platform/coalesced.ts';
import type { Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { firstThatFit, type Load } from './admission.ts';
import { announceRoom } from './announce-room.ts';
import { planTask } from './plan-task.ts';
import type { Task } from './schemas.ts';
import { isDue } from './task-state.ts';
import { activeLoad, tasksById, tasksInQueue, type QueuedTask } from './task-store.firestore.ts';

/**
 * Plans a task that was submitted, if its org has room for it and for all who are before it. True when it was this call that
 * planned it.
 */
export const admitTask = async (task: Stored<Task>, gateway: Gateway, now: Date): Promise<boolean> => {
  const { value } = task;
  const { org, id, state } = value;
  if (state !== 'submitted' || !isDue(value, now)) return false;
  if (crowded.has(org) && !(await hasRoomFor(value))) return false;
  const { isIdle, next } = await sharedLook(org, () => lookAt(org, now, policyOf));
  const turn = next.find((each) => each.value.id === id);
  if (turn) return planAll(org, [turn], gateway, task);
  // Each task calls the next when it ends; while there is none at work, those who are before this one start now.
  if (isIdle) await admitNext(org, gateway, now);
  else if (next.length === batchSize) await announceRoom(org);
  return false;
};

/**
 * Starts what waits in the org's queue, as far as there is room: after a task has ended, or the policy has changed. By the policy as it
 * is now: the one that an instance still knows may be the one from before the change.
 */
export const admitNext = async (org: OrgId, gateway: Gateway, now: Date): Promise<void> => {
  const { next } = await lookAt(org, now, async () => (await readPolicy(org)).policy);
  await planAll(org, next, gateway);
  // There may be room for more than one turn starts.
  if (next.length === batchSize) await announceRoom(org);
};

/** Plans those that still wait; true when one was. What is `known` is not read again, unless it has changed. */
const planAll = async (
  org: OrgId,
  turns: readonly Stored<QueuedTask>[],
  gateway: Gateway,
  known?: Stored<Task>,
): Promise<boolean> => {
  const isKnown = turns.length === 1 && turns[0]?.revision === known?.revision;
  const tasks =
    isKnown && known
      ? [known]
      : await tasksById(
          org,
          turns.map(({ value }) => value.id),
        );
  const waiting = tasks.filter(({ value }) => value.state === 'submitted');
  const planned = await Promise.all(waiting.map((each) => planTask(each, gateway)));
  return planned.includes(true);
};

// Those who come at the same time share a look. Where there is no room nobody is in a hurry.
const sharedLoad = coalesced<Load>(250);
const sharedLook = coalesced<Look>();

/** Orgs that had not room for all when this instance looked last: there one look at their load is mostly enough, however many wait. */
const crowded = new Set<OrgId>();

const hasRoomFor = async (task: Task): Promise<boolean> => {
  const { org } = task;
  const [active, policy] = await Promise.all([sharedLoad(org, () => activeLoad(org)), policyOf(org)]);
  return firstThatFit([{ value: task }], active, capacityOf(policy)).length > 0;
};

interface Look {
  /** Some wait, and none is at work. */
  readonly isIdle: boolean;
  /** The first of the queue, as far as there is room for them. */
  readonly next: readonly Stored<QueuedTask>[];
}

const batchSize = 20;

const lookAt = async (org: OrgId, now: Date, policyFor: (org: OrgId) => Promise<OrgPolicy>): Promise<Look> => {
  // First those who wait: one that starts meanwhile is then counted twice, not missed.
  const queue = await tasksInQueue(org, now, batchSize);
  if (queue.length === 0) return { isIdle: false, next: [] };
  const [active, policy] = await Promise.all([activeLoad(org), policyFor(org)]);
  const next = firstThatFit(queue, active, capacityOf(policy));
  if (next.length < queue.length) crowded.add(org);
  else crowded.delete(org);
  return { isIdle: active.tasks === 0, next };
};
