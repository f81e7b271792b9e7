// Hands the tasks in, so many at a time, strikes meanwhile, and waits for their ends.
import { setTimeout as pause } from 'node:timers/promises';
import type { Firestore } from 'firebase-admin/firestore';
import { producerKey, taskIdFor } from '../../functions/src/coordination/ids.ts';
import { keyOfCaller } from '../../functions/src/platform/idempotency.ts';
import type { Suite } from '../../local/src/suite.ts';
import { strikesOf, type StrikePlan } from './fault-plan.ts';
import type { Striker, Struck } from './strikes.ts';
import { countUntidied } from './stored.ts';
import { coordinatorOf } from './sign-in.ts';
import { cancel, submit, type Door } from './submit.ts';
import { plannedTask, type PlannedTask } from './task-plan.ts';
import { watchTasks, type Ended, type Watch } from './watch.ts';

/** How long a task keeps its place among those under way. */
const patienceMs = 90_000;
const sweepEveryMs = 5_000;

interface Run {
  readonly suite: Suite;
  readonly database: Firestore;
  readonly door: Door;
  readonly striker: Striker;
  readonly plan: DrivePlan;
}

export interface DrivePlan extends StrikePlan {
  /** Tasks under way at a time. */
  readonly inFlight: number;
  /** No task is handed in after it. */
  readonly minutes: number;
  /** How long the end is waited for once all tasks are handed in. */
  readonly drainMs: number;
}

/** What is kept of a task: its plan can be made again. */
export interface Outcome extends Pick<PlannedTask, 'index' | 'org' | 'shape' | 'endings'> {
  readonly id: string;
  /** Undefined: not over. */
  readonly ended: Ended | undefined;
}

export interface Driven {
  readonly outcomes: readonly Outcome[];
  readonly struck: Struck;
  readonly seconds: number;
}

/** Resolves when every task is over or given up; `seconds` does not count the wait for those that were overdue. */
export const drive = async ({ suite, database, door, striker, plan }: Run): Promise<Driven> => {
  const watch = watchTasks(database);
  const closing = new AbortController();
  const submitUntil = Date.now() + plan.minutes * 60_000;
  const outcomes: Outcome[] = [];
  const overdue: Outcome[] = [];
  let next = 0;
  const worker = async () => {
    while (next < plan.tasks && Date.now() < submitUntil) {
      const outcome = await seeThrough({ door, watch }, plannedTask(plan.seed, next++));
      (outcome.ended ? outcomes : overdue).push(outcome);
      if (outcome.ended) seconds = (performance.now() - startedAt) / 1_000;
    }
  };
  const startedAt = performance.now();
  let seconds = 0;
  const striking = striker.run(suite, strikesOf(plan), { over: () => outcomes.length, signal: closing.signal });
  try {
    await Promise.all(Array.from({ length: plan.inFlight }, worker));
    const sweeping = sweepOn(suite, closing.signal);
    const late = await Promise.all(
      overdue.map(async (each) => ({ ...each, ended: await watch.untilOver(each.org, each.id, plan.drainMs) })),
    );
    await untilQuiet(suite, database);
    closing.abort();
    await sweeping;
    return { outcomes: [...outcomes, ...late], struck: await striking, seconds };
  } finally {
    closing.abort();
    await Promise.all([striking, watch.stop()]);
  }
};

const keyOf = ({ org, idempotencyKey, copies }: PlannedTask) =>
  copies[0] === 'http' ? keyOfCaller(coordinatorOf(org), idempotencyKey) : producerKey(idempotencyKey);

const seeThrough = async ({ door, watch }: { door: Door; watch: Watch }, task: PlannedTask): Promise<Outcome> => {
  const id = taskIdFor(task.org, keyOf(task));
  const over = watch.untilOver(task.org, id, patienceMs);
  const ids = await submit(door, task);
  const other = ids.find((each) => each !== id);
  if (other !== undefined) throw new Error(`Task ${task.index} was accepted as ${other} instead of ${id}.`);
  if (task.cancelAfterMs !== undefined) {
    await Promise.race([pause(task.cancelAfterMs), over]);
    await cancel(door, task.org, id);
  }
  const { index, org, shape, endings } = task;
  return { index, org, shape, endings, id, ended: await over };
};

const quietForMs = 1_500;
const quietPatienceMs = 60_000;
const lookEveryMs = 250;

/** Until nothing is handled and every task that is over is also tidied up: only then are the books closed. */
const untilQuiet = async (suite: Suite, database: Firestore): Promise<void> => {
  const giveUpAt = Date.now() + quietPatienceMs;
  for (let quietMs = 0; quietMs < quietForMs && Date.now() < giveUpAt;) {
    await pause(lookEveryMs);
    const busy = suite.instances().some(({ inFlight }) => inFlight > 0) || (await countUntidied(database)) > 0;
    quietMs = busy ? 0 : quietMs + lookEveryMs;
  }
};

/** Besides the schedule, which fires once a minute all the time: at the end nobody waits longer than need be. */
const sweepOn = async (suite: Suite, signal: AbortSignal) => {
  const sweep = async () => fetch(`${suite.urls.host}/schedules/sweepTasks`, { method: 'POST', signal });
  while (!signal.aborted) {
    await pause(sweepEveryMs, undefined, { signal })
      .then(sweep)
      .catch(() => undefined);
  }
};
