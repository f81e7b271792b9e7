// Plays one row, and watches the function's process and a caller of another org meanwhile.
import { setTimeout as pause } from 'node:timers/promises';
import { residentMiB, watchPeak } from './memory.ts';
import type { Stage } from './stage.ts';
import type { Honest, Measured, Outcome } from './table.ts';

export interface Row {
  readonly name: string;
  /** Whose process is watched; the API's unless said otherwise. */
  readonly measured?: Measured;
  /** Any of these outcomes is right. */
  readonly expects: readonly string[];
  /** What must be there before, not measured. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  readonly act: (stage: Stage) => Promise<{ readonly outcome: string; readonly bytes: number }>;
}

const honestEveryMs = 300;

/** Asks for an honest caller's tasks again and again; `stop` asks once more. */
const honestCaller = (stage: Stage) => {
  const seen = { answered: 0, refused: 0, slowestMs: 0 };
  const stopping = new AbortController();
  const ask = async () => {
    const startedAt = Date.now();
    const { outcome } = await stage.call('/v1/tasks', { token: stage.tokens.honest });
    seen.slowestMs = Math.max(seen.slowestMs, Date.now() - startedAt);
    seen[outcome === '200' ? 'answered' : 'refused'] += 1;
  };
  const asking = async () => {
    while (!stopping.signal.aborted) {
      await ask();
      await pause(honestEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const asked = asking();
  return {
    stop: async (): Promise<Honest> => {
      stopping.abort();
      await asked;
      await ask();
      return seen;
    },
  };
};

export const play = async (stage: Stage, { name, measured = 'api', expects, prepare, act }: Row): Promise<Outcome> => {
  const prepared = Promise.resolve(prepare?.(stage));
  await prepared.catch(() => undefined);
  const pid = stage.pidOf(measured);
  const beforeMiB = await residentMiB(pid);
  const peak = await watchPeak(pid);
  const caller = honestCaller(stage);
  const startedAt = Date.now();
  const { outcome, bytes } = await prepared
    .then(async () => act(stage))
    .catch((error: unknown) => ({ outcome: String(error), bytes: 0 }));
  const ms = Date.now() - startedAt;
  const honest = await caller.stop();
  const peakMiB = await peak.stop();
  const sameProcess = pid !== 0 && stage.pidOf(measured) === pid;
  return { name, measured, expects, outcome, bytes, ms, beforeMiB, peakMiB, honest, sameProcess };
};
