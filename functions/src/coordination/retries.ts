// When work that came to nothing is tried again: this is the only retry layer above a single request to the database. Pure.
import type { AppError } from '../platform/errors.ts';

/** Why a try came to nothing. `bug`: an error that nobody foresaw, which may well come again. */
export type FaultClass = 'busy' | 'bug' | 'final';

interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
  readonly maxTries: number;
}

const backoffs: Readonly<Record<Exclude<FaultClass, 'final'>, Backoff>> = {
  // Providers recover; the deadline ends it.
  busy: { baseMs: 1_000, capMs: 60_000, maxTries: 100 },
  // The work may be poison: each try may cost a model call.
  bug: { baseMs: 1_000, capMs: 30_000, maxTries: 3 },
};

/** A longer wait is the sweeper's: neither an instance nor a message is kept for it. */
export const longestPauseMs = 20_000;

export const faultClassOf = (error: AppError | undefined): FaultClass => {
  if (!error) return 'bug';
  return error.row.retry === 'later' ? 'busy' : 'final';
};

export interface Failed {
  readonly fault: FaultClass;
  /** Tries in a row that had failed before this one. */
  readonly failedTries: number;
  /** What the provider asked for. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Milliseconds until the next try, or undefined when there is none: exponential, capped, with full jitter (a number drawn evenly
 * from 0 to 1), so that what failed together does not come back together. Never earlier than the provider asked for.
 */
export const retryDelayMs = ({ fault, failedTries, retryAfterMs = 0 }: Failed, jitter: number): number | undefined => {
  if (fault === 'final') return undefined;
  const { baseMs, capMs, maxTries } = backoffs[fault];
  if (failedTries + 1 >= maxTries) return undefined;
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(failedTries, 20));
  return retryAfterMs + Math.round(jitter * ceiling);
};
