import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { orgId } from '../platform/schemas.ts';
import { maxWaitMs, waitMs } from './back-off.ts';
import {
  beginDelivery,
  continueDelivery,
  endAttempt,
  maxAgeMs,
  maxTries,
  restartDelivery,
  type Outcome,
} from './delivery.ts';
import { delivery as deliverySchema, type Delivery, type Message } from './schemas.ts';

const now = new Date('2026-11-22T10:00:00Z');
const later = (ms: number, from = now) => new Date(from.getTime() + ms);
const minuteMs = 60_000;

const message: Message = {
  id: 'msg_00000000000000000001',
  org: orgId.parse('acme'),
  kind: 'report',
  to: 'main-coordinator',
  task: null,
  subject: null,
  body: { agent: 'backend-coordinator', status: 'update', summary: 'Ready', metrics: {}, concerns: [] },
  createdAt: now,
  wakeAt: null,
};
const first = beginDelivery(message, 'whk_00000000000000000001', now);
const accepted: Outcome = { outcome: 'accepted', status: 204, error: null, ms: 12 };
const refused: Outcome = { outcome: 'refused', status: 500, error: 'HTTP 500', ms: 12 };
const unknown = { outcome: 'unknown', status: null, error: null, ms: null };

describe('an attempt', () => {
  test('is on record before it is made (D1)', () => {
    expect(first).toMatchObject({ state: 'pending', attempts: [{ at: now, ...unknown }], tries: 1 });
    expect(deliverySchema.parse(first)).toEqual(first);
  });

  test('is left alone for a minute (D2)', () => {
    expect([first.nextAttemptAt, first.wakeAt]).toEqual([null, later(minuteMs)]);
  });

  test('that is accepted ends the delivery', () => {
    expect(endAttempt(first, accepted, later(12), 0.5)).toMatchObject({
      state: 'delivered',
      attempts: [{ at: now, ...accepted }],
      nextAttemptAt: null,
      wakeAt: null,
    });
  });

  test('that is refused is followed by another, after the back-off', () => {
    const next = later(12 + minuteMs / 2);
    expect(endAttempt(first, refused, later(12), 0.5)).toMatchObject({
      state: 'pending',
      attempts: [{ at: now, ...refused }],
      nextAttemptAt: next,
      wakeAt: next,
    });
  });

  test('whose outcome was lost stays unknown beside the one that repeats it (D1)', () => {
    expect(continueDelivery(first, later(minuteMs))).toMatchObject({
      attempts: [
        { at: now, ...unknown },
        { at: later(minuteMs), ...unknown },
      ],
      tries: 2,
    });
  });

  test('that can never succeed is the last', () => {
    expect(endAttempt(first, { ...refused, final: true }, later(12), 0)).toMatchObject({
      state: 'failed',
      wakeAt: null,
    });
  });
});

describe('a delivery', () => {
  const failing = (from: Delivery, random: number): Delivery => {
    let delivery = from;
    while (delivery.state === 'pending') {
      const at = delivery.nextAttemptAt ?? delivery.wakeAt ?? now;
      delivery = endAttempt(delivery, refused, at, random);
      if (delivery.nextAttemptAt) delivery = continueDelivery(delivery, delivery.nextAttemptAt);
    }
    return delivery;
  };

  test('has failed after ten attempts, and they are kept (D3)', () => {
    const failed = failing(first, 0.999);
    expect(failed).toMatchObject({ state: 'failed', tries: 10 });
    expect(failed.attempts).toHaveLength(10);
  });

  test('has failed when the next attempt would come after a day (D3)', () => {
    const old = { ...first, tries: 3 };
    const outcome = { ...refused, retryAfterMs: maxWaitMs };
    expect(endAttempt(old, outcome, later(maxAgeMs - maxWaitMs), 0).state).toBe('pending');
    expect(endAttempt(old, outcome, later(maxAgeMs - maxWaitMs + 1), 0).state).toBe('failed');
  });

  test('that crashed at every attempt has failed as well (D3)', () => {
    let delivery = first;
    for (let tries = 1; tries < maxTries; tries++) delivery = continueDelivery(delivery, later(tries * minuteMs));
    expect(delivery).toMatchObject({ state: 'pending', tries: maxTries });
    expect(continueDelivery(delivery, later(maxTries * minuteMs))).toMatchObject({ state: 'failed', wakeAt: null });
  });

  test('can be started anew, with all attempts before it and all tries ahead of it', () => {
    const again = restartDelivery(failing(first, 0.5), later(maxAgeMs * 3));
    expect(again).toMatchObject({ state: 'pending', tries: 1, startedAt: later(maxAgeMs * 3) });
    expect(again.attempts).toHaveLength(11);
    expect(failing(again, 0.5)).toMatchObject({ state: 'failed', tries: 10 });
  });

  test('keeps to its rules whatever happens, in any order', () => {
    const steps = fc.array(
      fc.record({
        step: fc.constantFrom('continue' as const, 'restart' as const, 'refused' as const, 'accepted' as const),
        waitedMs: fc.integer({ min: 0, max: maxAgeMs }),
        random: fc.double({ min: 0, max: 1, noNaN: true }),
        retryAfterMs: fc.option(fc.nat(), { nil: undefined }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        let delivery = first;
        let at = now;
        for (const { step, waitedMs, random, retryAfterMs } of all) {
          at = later(waitedMs, at);
          const pending = delivery.state === 'pending';
          if (step === 'restart' && !pending) delivery = restartDelivery(delivery, at);
          if (step === 'continue' && pending) delivery = continueDelivery(delivery, at);
          if (step === 'refused' && pending) delivery = endAttempt(delivery, { ...refused, retryAfterMs }, at, random);
          if (step === 'accepted' && pending) delivery = endAttempt(delivery, accepted, at, random);
          expect(delivery.wakeAt !== null).toBe(delivery.state === 'pending');
          expect(delivery.tries).toBeLessThanOrEqual(maxTries);
          expect(delivery.attempts.length).toBeLessThanOrEqual(20);
          expect((delivery.nextAttemptAt ?? now).getTime()).toBeLessThanOrEqual(
            delivery.startedAt.getTime() + maxAgeMs,
          );
        }
      }),
    );
  });
});

describe('the wait before the next attempt', () => {
  const tries = fc.integer({ min: 1, max: 100 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('is bounded by a time that doubles with every try, up to four hours', () => {
    expect([1, 2, 3, 8, 9, 50].map((each) => waitMs(each, 1) / minuteMs)).toEqual([1, 2, 4, 128, 240, 240]);
    fc.assert(
      fc.property(
        tries,
        random,
        (count, chance) => waitMs(count, chance) <= Math.min(maxWaitMs, minuteMs * 2 ** (count - 1)),
      ),
    );
  });

  test('is anything from nothing to that bound, in proportion to chance', () => {
    fc.assert(
      fc.property(tries, random, (count, chance) => {
        expect(waitMs(count, chance)).toBe(Math.floor(chance * waitMs(count, 1)));
      }),
    );
  });

  test('is at least what the receiver asks for, up to four hours', () => {
    fc.assert(
      fc.property(tries, random, fc.nat({ max: maxAgeMs }), (count, chance, asked) => {
        const wait = waitMs(count, chance, asked);
        expect(wait).toBeGreaterThanOrEqual(Math.min(asked, maxWaitMs));
        expect(wait).toBeLessThanOrEqual(maxWaitMs);
      }),
    );
  });
});
