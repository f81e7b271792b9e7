import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { llmErrors } from '../llm/errors.ts';
import { AppError } from '../platform/errors.ts';
import { coordinationErrors } from './errors.ts';
import { faultOf, retryDelayMs } from './retries.ts';
import type { Fault } from './schemas.ts';

const jitter = fc.double({ min: 0, max: 1, noNaN: true });
const tries = fc.nat({ max: 200 });
const fault = fc.constantFrom<Fault>('busy', 'bug', 'setup');
/** So many tries have failed, all by the same fault. */
const after = (failedTries: number, each: Fault) => ({ failedTries, lastFault: { fault: each, times: failedTries } });
const baseMs = { busy: 1_000, bug: 1_000, setup: 30_000 };
const capMs = { busy: 60_000, bug: 30_000, setup: 120_000 };
const maxTries = { busy: 100, bug: 3, setup: 100 };

describe('by the class of a fault', () => {
  test.each([
    ['a bug is tried again a few times', undefined, 'bug'],
    ['busy providers are waited for', llmErrors.allProvidersFailed, 'busy'],
    ['what people must put right is waited for', llmErrors.providersRefuseUs, 'setup'],
    ['a disabled agent is waited for', coordinationErrors.agentDisabled, 'busy'],
    ['a refusal is not tried again', llmErrors.refused, undefined],
    ['a spent budget is not tried again', coordinationErrors.budgetExceeded, undefined],
  ] as const)('%s', (_, row, expected) => {
    expect(faultOf(row && new AppError(row))).toBe(expected);
  });
});

describe('the delay until the next try', () => {
  const busyDelayMs = (failedTries: number, drawn: number) =>
    retryDelayMs({ fault: 'busy', before: after(failedTries, 'busy') }, drawn);

  test('is within a ceiling that doubles from its base up to its cap', () => {
    fc.assert(
      fc.property(fault, tries, jitter, (each, failedTries, drawn) => {
        const delayMs = retryDelayMs({ fault: each, before: after(failedTries, each) }, drawn) ?? 0;
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(capMs[each], baseMs[each] * 2 ** failedTries));
      }),
    );
  });

  test('uses the whole range below the ceiling, and the ceiling never falls', () => {
    const ceilings = Array.from({ length: 99 }, (_, failedTries) => busyDelayMs(failedTries, 1));
    expect(ceilings.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(ceilings).toEqual(ceilings.toSorted((a = 0, b = 0) => a - b));
    expect(busyDelayMs(5, 0)).toBe(0);
    expect(busyDelayMs(5, 0.5)).toBe(16_000);
  });

  test('is at least half of the ceiling for what people must put right', () => {
    const delayMs = (failedTries: number) => retryDelayMs({ fault: 'setup', before: after(failedTries, 'setup') }, 0);
    expect([0, 1, 2, 9].map(delayMs)).toEqual([15_000, 30_000, 60_000, 60_000]);
  });

  test('is never shorter than the provider asked for, whatever that is', () => {
    fc.assert(
      fc.property(tries, jitter, fc.nat({ max: 86_400_000 }), (failedTries, drawn, retryAfterMs) => {
        const delayMs =
          retryDelayMs({ fault: 'busy', before: after(failedTries, 'busy'), retryAfterMs }, drawn) ?? Infinity;
        expect(delayMs).toBeGreaterThanOrEqual(retryAfterMs);
      }),
    );
  });

  test('does not exist once the tries that fail in that way are used up', () => {
    fc.assert(
      fc.property(fault, tries, jitter, (each, failedTries, drawn) => {
        const isLast = failedTries + 1 >= maxTries[each];
        expect(retryDelayMs({ fault: each, before: after(failedTries, each) }, drawn) === undefined).toBe(isLast);
      }),
    );
  });

  test('is that of a first try after tries that failed in another way, as long as there are not a hundred in all', () => {
    fc.assert(
      fc.property(tries, jitter, (failedTries, drawn) => {
        const delayMs = retryDelayMs({ fault: 'bug', before: after(failedTries, 'busy') }, drawn);
        expect(delayMs).toBe(failedTries >= 99 ? undefined : Math.round(drawn * 1_000));
      }),
    );
  });
});
