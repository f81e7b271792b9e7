import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs, decide, deliver, type Attempt, type RetryPolicy } from './delivery.ts';

const policy: RetryPolicy = { maxAttempts: 3, minBackoffMs: 100, maxBackoffMs: 1_000 };
const none = { failures: 0, interruptions: 0 };
const failed: Attempt = { outcome: 'failed', reason: 'HTTP 500' };
const interrupted: Attempt = { outcome: 'interrupted', reason: 'ECONNRESET' };
const succeeded: Attempt = { outcome: 'succeeded' };

const attempts = (...outcomes: Attempt[]) => {
  let made = 0;
  const attempt = async () => Promise.resolve(outcomes[Math.min(made++, outcomes.length - 1)] ?? succeeded);
  return { attempt, made: () => made };
};
const quick: RetryPolicy = { maxAttempts: 3, minBackoffMs: 1, maxBackoffMs: 2 };
const signal = () => new AbortController().signal;

describe('the pause before another attempt', () => {
  test.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 800],
    [5, 1_000],
    [50, 1_000],
  ])('after failure %i lies between half of %i ms and all of it', (failures, ceiling) => {
    expect(backoffMs(failures, policy, 0)).toBe(ceiling / 2);
    expect(backoffMs(failures, policy, 0.999_999)).toBe(ceiling);
  });
});

describe('what follows an attempt', () => {
  test('a failure is followed by another attempt until the attempts are used up', () => {
    expect(decide(failed, { failures: 1, interruptions: 0 }, policy, 0)).toMatchObject({
      outcome: 'again',
      afterMs: 100,
    });
    expect(decide(failed, { failures: 2, interruptions: 0 }, policy, 0)).toEqual({
      outcome: 'given-up',
      tally: { failures: 3, interruptions: 0 },
      reason: 'HTTP 500',
    });
  });

  test('D2: the death of an instance costs the event no attempt', () => {
    expect(decide(interrupted, { failures: 2, interruptions: 5 }, policy, 0)).toMatchObject({
      outcome: 'again',
      tally: { failures: 2, interruptions: 6 },
    });
  });

  test('D3: an event whose instance always dies is given up', () => {
    expect(decide(interrupted, { failures: 0, interruptions: 29 }, policy, 0)).toMatchObject({ outcome: 'given-up' });
  });

  test('without retry the first failure is the last', () => {
    expect(decide(failed, none, { ...policy, maxAttempts: 1 }, 0)).toMatchObject({ outcome: 'given-up' });
  });
});

describe('a delivery', () => {
  test('ends with the first success and says what it took', async () => {
    const { attempt, made } = attempts(failed, interrupted, succeeded);
    await expect(deliver(attempt, quick, signal())).resolves.toEqual({
      outcome: 'succeeded',
      tally: { failures: 1, interruptions: 1 },
    });
    expect(made()).toBe(3);
  });

  test('D1: ends whatever the attempts come to, after at most the allowed failures', async () => {
    const policyOf = (maxAttempts: number): RetryPolicy => ({ maxAttempts, minBackoffMs: 0, maxBackoffMs: 0 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(failed, succeeded), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 10 }),
        async (outcomes, maxAttempts) => {
          const { attempt, made } = attempts(...outcomes);
          const { outcome, tally } = await deliver(attempt, policyOf(maxAttempts), signal());
          const firstSuccess = outcomes.indexOf(succeeded);
          const succeeds = firstSuccess !== -1 && firstSuccess < maxAttempts;
          expect(outcome).toBe(succeeds ? 'succeeded' : 'given-up');
          expect(made()).toBe(succeeds ? firstSuccess + 1 : maxAttempts);
          expect(tally.failures).toBe(succeeds ? firstSuccess : maxAttempts);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('D1: ends when the suite stops, also in the middle of a pause', async () => {
    const stopping = new AbortController();
    const endless = deliver(
      attempts(failed).attempt,
      { ...policy, minBackoffMs: 60_000, maxBackoffMs: 60_000 },
      stopping.signal,
    );
    stopping.abort(new Error('the suite stops'));
    await expect(endless).rejects.toThrow();
  });
});
