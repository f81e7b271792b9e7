// When work that came to nothing is tried again: this is the only retry layer above a single request to the database. Pure.
import { llmErrors } from '../llm/index.ts';
import type { AppError } from '../platform/errors.ts';
import type { Assignment, Fault } from './schemas.ts';

interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
  readonly maxTries: number;
}

/** By fault; the tries are those in a row that had the same one. */
const backoffs: Readonly<Record<Fault, Backoff>> = {
  // Providers recover; the deadline ends it.
  busy: { baseMs: 1_000, capMs: 60_000, maxTries: 100 },
  // People must put it right: it is tried again so that the work goes on once they have.
  setup: { baseMs: 30_000, capMs: 120_000, maxTries: 100 },
  // The work may be poison: each try may cost a model call.
  bug: { baseMs: 1_000, capMs: 30_000, maxTries: 3 },
};

/** A longer wait is the sweeper's: neither an instance nor a message is kept for it. */
export const longestPauseMs = 20_000;

/** Tries in a row, whatever each of them failed by. */
const maxTriesInAll = 100;

/** Why a try failed; undefined when another one cannot go better. */
export const faultOf = (error: AppError | undefined): Fault | undefined => {
  if (!error) return 'bug';
  if (error.code === llmErrors.providersRefuseUs.code) return 'setup';
  return error.row.retry === 'later' ? 'busy' : undefined;
};

type Tried = Pick<Assignment, 'failedTries' | 'lastFault'>;

/** How many tries in a row have failed by the fault until now. */
export const timesInARow = ({ lastFault }: Pick<Tried, 'lastFault'>, fault: Fault): number =>
  lastFault?.fault === fault ? lastFault.times : 0;

export interface Failed {
  readonly fault: Fault;
  /** The assignment as this try found it. */
  readonly before: Tried;
  /** What the provider asked for. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Milliseconds until the next try, or undefined when there is none: exponential, capped, with full jitter (a number drawn evenly
 * from 0 to 1), so that what failed together does not come back together. Never earlier than the provider asked for.
 */
export const retryDelayMs = ({ fault, before, retryAfterMs = 0 }: Failed, jitter: number): number | undefined => {
  const { baseMs, capMs, maxTries } = backoffs[fault];
  const times = timesInARow(before, fault);
  if (times + 1 >= maxTries || before.failedTries + 1 >= maxTriesInAll) return undefined;
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(times, 20));
  // What people must cure is not cured within a moment.
  const leastMs = fault === 'setup' ? ceiling / 2 : 0;
  return retryAfterMs + Math.round(leastMs + jitter * (ceiling - leastMs));
};
