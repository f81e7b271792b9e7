// When a provider is left alone, pure: what this instance knows of one model at one provider, and time as an argument. It is a hint for the
// order of the chain and never the reason for a failure: when every target is left alone, all are asked all the same. Instances do not share
// it; each learns by one slow call of its own.
//
// B1. Silence opens it at once, as each further call would wait as long; so do a wrong key, an unknown model and an account without money,
//     which no second call cures. Other failures open it when three come in a row.
// B2. When the cool-down is over one call goes through as a probe, and no other until that one has ended. A failed probe opens it again for
//     twice as long, up to the longest; an answer closes it.
// B3. A provider that names a time (`Retry-After`) is left alone until then, and never asked earlier because it later named a shorter one.
import type { FailureKind } from './failures.ts';

export interface Breaker {
  readonly failures: number;
  /** Milliseconds since the epoch; it is open before then. */
  readonly openUntil: number;
  /** How long it was opened for the last time; 0 while it is closed. */
  readonly coolDownMs: number;
  /** A probe is under way until then at the latest: one whose end nobody reports must not keep the provider away for ever. */
  readonly probeUntil: number;
  /** The provider asked to be left alone until then. */
  readonly restUntil: number;
}

export const closedBreaker: Breaker = { failures: 0, openUntil: 0, coolDownMs: 0, probeUntil: 0, restUntil: 0 };

const FAILURES_IN_A_ROW = 3;
const COOL_DOWN_MS = 30_000;
const MAX_COOL_DOWN_MS = 5 * 60_000;
/** A longer wait than this is a misconfigured server's; the instance must not lose a provider for good. */
const MAX_REST_MS = 10 * 60_000;
const MAX_PROBE_MS = 10 * 60_000;

const opensAtOnce: ReadonlySet<FailureKind> = new Set(['silent', 'unauthorized', 'model_not_found', 'exhausted']);

const opensInARow: ReadonlySet<FailureKind> = new Set([
  'overloaded',
  'server_error',
  'connection',
  'unreachable',
  'malformed',
]);

const rests: ReadonlySet<FailureKind> = new Set(['rate_limited', 'overloaded']);

/** An answer, though not the one that was wanted: the provider is well. */
const answers: ReadonlySet<FailureKind> = new Set([
  'refused',
  'truncated',
  'thought_only',
  'context_length',
  'bad_request',
  'unusable',
  'paused',
]);

/** May it be called now, as far as is known? */
export const mayCall = (breaker: Breaker, nowMs: number): boolean => readyAt(breaker) <= nowMs;

/** From when on it may be called. */
export const readyAt = ({ openUntil, probeUntil, restUntil }: Breaker): number =>
  Math.max(openUntil, probeUntil, restUntil);

/** A call begins: of a breaker that was open it is the probe. */
export const callBegun = (breaker: Breaker, nowMs: number): Breaker =>
  breaker.coolDownMs > 0 ? { ...breaker, probeUntil: nowMs + MAX_PROBE_MS } : breaker;

/** An answer came. */
export const callAnswered = ({ restUntil }: Breaker): Breaker => ({ ...closedBreaker, restUntil });

/** The call failed by `kind`. What says nothing of the provider, such as the caller's own end, changes nothing but the probe. */
export const callFailed = (
  breaker: Breaker,
  { kind, retryAfterMs = 0 }: { readonly kind: FailureKind; readonly retryAfterMs?: number | undefined },
  nowMs: number,
): Breaker => {
  if (answers.has(kind)) return callAnswered(breaker);
  const rested = rests.has(kind)
    ? Math.max(breaker.restUntil, nowMs + Math.min(retryAfterMs, MAX_REST_MS))
    : breaker.restUntil;
  const ended = { ...breaker, probeUntil: 0, restUntil: rested };
  if (!opensAtOnce.has(kind) && !opensInARow.has(kind)) return ended;
  const failures = breaker.failures + 1;
  const opens = opensAtOnce.has(kind) || failures >= FAILURES_IN_A_ROW || breaker.coolDownMs > 0;
  if (!opens) return { ...ended, failures };
  const coolDownMs = Math.min(MAX_COOL_DOWN_MS, breaker.coolDownMs === 0 ? COOL_DOWN_MS : breaker.coolDownMs * 2);
  return { ...ended, failures, coolDownMs, openUntil: nowMs + coolDownMs };
};
