// Starts tasks as their org has room for them, the most urgent and then the oldest first (F1 to F3 of admission.ts). The counts are
// asked of the database each time: a counter of our own would be written with every task (C7).
import { capacityOf, policyOf, readPolicy } from '../governance/index.ts';
import type { Gateway } from '../llm/index.ts';
import type { Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { mayStart, type Load } from './admission.ts';
import { announceRoom } from './announce-room.ts';
import { planTask } from './plan-task.ts';
import type { Task } from './schemas.ts';
import { isDue } from './task-state.ts';
import { activeLoad, loadUpTo, tasksInQueue } from './task-store.firestore.ts';

/**
 * Plans a task that was submitted, if its org has room for it and for all who are before it. True when it was this call that
 * planned it.
 */
export const admitTask = async (task: Stored<Task>, gateway: Gateway, now: Date): Promise<boolean> => {
  const { org, state } = task.value;
  if (state !== 'submitted' || !isDue(task.value, now)) return false;
  // First those who wait: one that starts meanwhile is then counted twice, not missed.
  const waiting = await loadUpTo(task.value, now);
  const [active, limit] = await Promise.all([activeLoad(org), limitOf(org)]);
  if (mayStart(task.value, without(task.value, sumOf(waiting, active)), limit)) return planTask(task, gateway);
  // Each task calls the next when it ends; while there is none at work, those who are before this one start now.
  if (active.tasks === 0) await admitNext(org, gateway, now);
  return false;
};

const sumOf = (a: Load, b: Load): Load => ({ tasks: a.tasks + b.tasks, width: a.width + b.width });

const without = ({ width }: Pick<Task, 'width'>, load: Load): Load => ({
  tasks: load.tasks - 1,
  width: load.width - width,
});

const batchSize = 20;

/**
 * Starts what waits in the org's queue, as far as there is room: after a task has ended, or the policy has changed. By the policy as it
 * is now: the one that an instance still knows may be the one from before the change.
 */
export const admitNext = async (org: OrgId, gateway: Gateway, now: Date): Promise<void> => {
  const waiting = await tasksInQueue(org, now, batchSize);
  if (waiting.length === 0) return;
  const [load, { policy }] = await Promise.all([activeLoad(org), readPolicy(org)]);
  const limit = capacityOf(policy);
  const starting: Stored<Task>[] = [];
  let { tasks, width } = load;
  for (const task of waiting) {
    if (!mayStart(task.value, { tasks, width }, limit)) break;
    starting.push(task);
    tasks += 1;
    width += task.value.width;
  }
  await Promise.all(starting.map((task) => planTask(task, gateway)));
  // There may be room for more than one turn starts.
  if (starting.length === batchSize) await announceRoom(org);
};

const limitOf = async (org: OrgId): Promise<number> => capacityOf(await policyOf(org));
