// Kills and stops processes of the functions as the plan says, when the soak has come so far.
import { setTimeout as pause } from 'node:timers/promises';
import type { Suite, SuiteInstance } from '../../local/src/suite.ts';
import type { Stop } from '../check/index.ts';
import type { Strike } from './fault-plan.ts';
import { stopWithAnswer } from './signals.ts';

export interface Struck {
  readonly kills: number;
  readonly stops: readonly Stop[];
  /** Milliseconds from a kill until as many processes served as before. */
  readonly restartMs: readonly number[];
}

export interface Striker {
  /** When the latest kill happened. */
  readonly killedAt: () => number | undefined;
  struckPids(): ReadonlySet<number>;
  /** Strikes until the plan is done or `signal` fires. */
  run(suite: Suite, strikes: readonly Strike[], progress: Progress): Promise<Struck>;
}

export interface Progress {
  /** Tasks that are over. */
  readonly over: () => number;
  readonly signal: AbortSignal;
}

export interface StrikerOptions {
  readonly instances: number;
  /** How long a stopped process is silent: longer than its lease, so that others take its work. */
  readonly stopMs: number;
}

/** The host takes a process that lived shorter for one that cannot live, and starts the next one later and later. */
const shortestLifeMs = 2_000;
const lookEveryMs = 25;
/** Longer than most model calls take. */
const answerWithinMs = 1_500;

export const makeStriker = ({ instances, stopMs }: StrikerOptions): Striker => {
  const bornAt = new Map<number, number>();
  const stopped = new Set<number>();
  const struck = new Set<number>();
  const restartMs: number[] = [];
  const stops: Stop[] = [];
  let latestKill: number | undefined;
  let kills = 0;

  const grownUp = (suite: Suite): SuiteInstance[] => {
    const now = Date.now();
    const live = suite.instances();
    for (const { pid } of live) if (!bornAt.has(pid)) bornAt.set(pid, now);
    for (const pid of bornAt.keys()) if (!live.some((instance) => instance.pid === pid)) bornAt.delete(pid);
    // The host may not have noticed the latest deaths yet.
    const free = live.filter(({ pid }) => !struck.has(pid) && !stopped.has(pid));
    return free.filter(({ pid }) => now - (bornAt.get(pid) ?? now) >= shortestLifeMs);
  };

  /** Resolves when as many processes serve as before. */
  const kill = async ({ pid }: SuiteInstance, suite: Suite, signal: AbortSignal) => {
    struck.add(pid);
    const at = Date.now();
    latestKill = at;
    process.kill(pid, 'SIGKILL');
    kills += 1;
    const isBack = () => {
      const live = suite.instances();
      return live.length >= instances && live.every((each) => each.pid !== pid);
    };
    while (!isBack()) {
      if (signal.aborted) return;
      await pause(lookEveryMs);
    }
    restartMs.push(Date.now() - at);
  };

  /** At the worst moment, if that comes soon. */
  const stop = async ({ pid }: SuiteInstance, signal: AbortSignal) => {
    stopped.add(pid);
    const from = Date.now();
    process.kill(pid, stopWithAnswer);
    await pause(answerWithinMs, undefined, { signal }).catch(() => undefined);
    process.kill(pid, 'SIGSTOP');
    await pause(stopMs, undefined, { signal }).catch(() => undefined);
    stops.push({ from, to: Date.now() });
    process.kill(pid, 'SIGCONT');
    stopped.delete(pid);
  };

  return {
    killedAt: () => latestKill,
    struckPids: () => struck,
    run: async (suite, strikes, { over, signal }) => {
      const pending = [...strikes];
      const running: Promise<void>[] = [];
      while (pending.length > 0 && !signal.aborted) {
        const candidates = grownUp(suite);
        const [due] = pending;
        const victim = due && over() >= due.afterTasks ? victimOf(due, candidates) : undefined;
        // One process at least goes on, or nothing would.
        if (due && victim && candidates.length > 1) {
          pending.shift();
          running.push(due.kind === 'kill' ? kill(victim, suite, signal) : stop(victim, signal));
        }
        await pause(lookEveryMs);
      }
      await Promise.all(running);
      return { kills, stops, restartMs };
    },
  };
};

/** A stop is for the busiest, as an idle process would wake up with nothing in its hands. */
const victimOf = ({ kind, victim }: Strike, candidates: readonly SuiteInstance[]): SuiteInstance | undefined =>
  kind === 'stop'
    ? candidates.toSorted((a, b) => b.inFlight - a.inFlight)[0]
    : candidates[Math.floor(victim * candidates.length)];
