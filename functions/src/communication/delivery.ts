// The life of a delivery, as decisions on its record. Pure.
//
// D1. An attempt is on record before it is made, and its outcome after it (C3); of the first on the topic the message itself is the
//     record, as it is due until that attempt is over. One whose outcome is missing is `unknown`: it is
//     repeated under the same id, by which the receiver knows it again.
// D2. While an attempt is under way nobody else begins one: the sweeper looks only when it must be over.
// D3. A delivery is attempted ten times at most and for a day at most, then it has failed and is kept. It is never forgotten:
//     `wakeAt` is set exactly as long as it is pending.
import { waitMs } from './back-off.ts';
import { deliveryIdFor } from './ids.ts';
import type { Attempt, Delivery, Message, WebhookId } from './schemas.ts';

export const maxTries = 10;
export const maxAgeMs = 24 * 60 * 60 * 1_000;
export const attemptTimeoutMs = 10_000;
/** An attempt and the two commits around it take far less. */
const leaseMs = 60_000;
/** A delivery can be started anew any number of times, and a record must stay small. */
const maxAttemptsKept = 20;

/** A delivery to a webhook, or to the message's topic, whose first attempt has begun. */
export const beginDelivery = ({ org, id }: Message, webhook: WebhookId | null, now: Date): Delivery =>
  begun(
    {
      id: deliveryIdFor(id, webhook),
      org,
      message: id,
      webhook,
      state: 'pending',
      attempts: [],
      tries: 0,
      startedAt: now,
      nextAttemptAt: now,
      wakeAt: now,
      createdAt: now,
    },
    now,
  );

/** The delivery with its next attempt begun, or failed when it has had all of them (D3): a crash may have kept it pending. */
export const continueDelivery = (delivery: Delivery, now: Date): Delivery =>
  mayTryAt(delivery, now) ? begun(delivery, now) : over(delivery, 'failed');

/** A delivery that is over, with the first attempt of a new series begun. */
export const restartDelivery = (delivery: Delivery, now: Date): Delivery =>
  begun({ ...delivery, state: 'pending', tries: 0, startedAt: now }, now);

/** What came of an attempt. `final`: no later attempt can do better. */
export interface Outcome extends Omit<Attempt, 'at'> {
  readonly retryAfterMs?: number | undefined;
  readonly final?: boolean;
}

export const endedAt = (begunAt: Date, { ms }: Outcome): Date => new Date(begunAt.getTime() + (ms ?? 0));

/** The delivery after its attempt has ended at `now`. */
export const endAttempt = (delivery: Delivery, outcome: Outcome, now: Date, random: number): Delivery => {
  const recorded = { ...delivery, attempts: withOutcome(delivery.attempts, outcome) };
  if (outcome.outcome === 'accepted') return over(recorded, 'delivered');
  const next = new Date(now.getTime() + waitMs(delivery.tries, random, outcome.retryAfterMs));
  if (outcome.final || !mayTryAt(delivery, next)) return over(recorded, 'failed');
  return { ...recorded, nextAttemptAt: next, wakeAt: next };
};

const mayTryAt = ({ tries, startedAt }: Delivery, at: Date): boolean =>
  tries < maxTries && at.getTime() - startedAt.getTime() <= maxAgeMs;

const begun = (delivery: Delivery, now: Date): Delivery => ({
  ...delivery,
  attempts: [...delivery.attempts, unknownAt(now)].slice(-maxAttemptsKept),
  tries: delivery.tries + 1,
  nextAttemptAt: null,
  wakeAt: new Date(now.getTime() + leaseMs),
});

const unknownAt = (at: Date): Attempt => ({ at, outcome: 'unknown', status: null, error: null, ms: null });

const over = (delivery: Delivery, state: 'delivered' | 'failed'): Delivery => ({
  ...delivery,
  state,
  nextAttemptAt: null,
  wakeAt: null,
});

const withOutcome = (attempts: readonly Attempt[], { outcome, status, error, ms }: Outcome): Attempt[] =>
  attempts.map((attempt, index) =>
    index === attempts.length - 1 ? { ...attempt, outcome, status, error, ms } : attempt,
  );
