// How an event reaches a function, whatever brought it. Pub/Sub and Eventarc do this in production; the emulators do not.
//
//   D1  A delivery ends: the function succeeded, or its attempts are used up, or the suite stops.
//   D2  Only an answer (or silence until the time-out) of the function counts as a failed attempt. When its instance died, the
//       event goes to another instance at once and no attempt is counted.
//   D3  An event whose instance dies each time is given up too, else one poisonous event would kill instances for ever.
//   D4  An event that waits for its next attempt holds no place among those being delivered.
import { setTimeout as pause } from 'node:timers/promises';

export interface RetryPolicy {
  /** Failed attempts after which an event is given up; 1 for a function without `retry`. */
  readonly maxAttempts: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
}

/** How one attempt ended; `interrupted` means that the instance died before it answered. */
export type Attempt =
  | { readonly outcome: 'succeeded' }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'interrupted'; readonly reason: string };

export interface Tally {
  readonly failures: number;
  readonly interruptions: number;
}

export type Delivered =
  | { readonly outcome: 'succeeded'; readonly tally: Tally }
  | { readonly outcome: 'given-up'; readonly tally: Tally; readonly reason: string };

export type Step = Delivered | { readonly outcome: 'again'; readonly tally: Tally; readonly afterMs: number };

/** D3: deaths of an instance that one event survives, per attempt that the policy allows. */
const interruptionsPerAttempt = 10;

/** Pause after an instance died, so that events don't spin while the system still tears its sockets down. */
const afterInterruptionMs = 20;

/** Full range doubling from `minBackoffMs`, of which the upper half is random: retries of a burst spread out. */
export const backoffMs = (failures: number, policy: RetryPolicy, random: number): number => {
  const ceiling = Math.min(policy.maxBackoffMs, policy.minBackoffMs * 2 ** (failures - 1));
  return Math.round(ceiling * (0.5 + random / 2));
};

/** What follows an attempt; `before` is the tally without it, `random` is in [0, 1). */
export const decide = (attempt: Attempt, before: Tally, policy: RetryPolicy, random: number): Step => {
  if (attempt.outcome === 'succeeded') return { outcome: 'succeeded', tally: before };
  if (attempt.outcome === 'interrupted') {
    const tally = { ...before, interruptions: before.interruptions + 1 };
    if (tally.interruptions < policy.maxAttempts * interruptionsPerAttempt)
      return { outcome: 'again', tally, afterMs: afterInterruptionMs };
    return { outcome: 'given-up', tally, reason: `${tally.interruptions} instances died while they handled it` };
  }
  const tally = { ...before, failures: before.failures + 1 };
  return tally.failures < policy.maxAttempts
    ? { outcome: 'again', tally, afterMs: backoffMs(tally.failures, policy, random) }
    : { outcome: 'given-up', tally, reason: attempt.reason };
};

/** Attempts until the event is delivered or given up; rejects with the signal's reason when that fires first. */
export const deliver = async (
  attempt: () => Promise<Attempt>,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<Delivered> => {
  let tally: Tally = { failures: 0, interruptions: 0 };
  for (;;) {
    signal.throwIfAborted();
    const step = decide(await attempt(), tally, policy, Math.random());
    if (step.outcome !== 'again') return step;
    tally = step.tally;
    await pause(step.afterMs, undefined, { signal, ref: false });
  }
};
