import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { llmErrors } from '../llm/errors.ts';
import { AppError } from '../platform/errors.ts';
import { coordinationErrors } from './errors.ts';
import { faultClassOf, retryDelayMs, type FaultClass } from './retries.ts';

const jitter = fc.double({ min: 0, max: 1, noNaN: true });
const tries = fc.nat({ max: 200 });
const fault = fc.constantFrom<Exclude<FaultClass, 'final'>>('busy', 'bug');
const capMs = { busy: 60_000, bug: 30_000 };
const maxTries = { busy: 100, bug: 3 };

describe('by the class of a fault', () => {
  test.each([
    ['a bug is tried again a few times', undefined, 'bug'],
    ['busy providers are waited for', llmErrors.allProvidersFailed, 'busy'],
    ['a disabled agent is waited for', coordinationErrors.agentDisabled, 'busy'],
    ['a refusal is not tried again', llmErrors.refused, 'final'],
    ['a spent budget is not tried again', coordinationErrors.budgetExceeded, 'final'],
  ] as const)('%s', (_, row, expected) => {
    expect(faultClassOf(row && new AppError(row))).toBe(expected);
  });
});

describe('the delay until the next try', () => {
  test('is within a ceiling that doubles from a second up to its cap', () => {
    fc.assert(
      fc.property(fault, tries, jitter, (each, failedTries, drawn) => {
        const delayMs = retryDelayMs({ fault: each, failedTries }, drawn) ?? 0;
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(capMs[each], 1_000 * 2 ** failedTries));
      }),
    );
  });

  test('uses the whole range below the ceiling, and the ceiling never falls', () => {
    const ceilings = Array.from({ length: 99 }, (_, failedTries) => retryDelayMs({ fault: 'busy', failedTries }, 1));
    expect(ceilings.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(ceilings).toEqual(ceilings.toSorted((a = 0, b = 0) => a - b));
    expect(retryDelayMs({ fault: 'busy', failedTries: 5 }, 0)).toBe(0);
    expect(retryDelayMs({ fault: 'busy', failedTries: 5 }, 0.5)).toBe(16_000);
  });

  test('is never shorter than the provider asked for, whatever that is', () => {
    fc.assert(
      fc.property(tries, jitter, fc.nat({ max: 86_400_000 }), (failedTries, drawn, retryAfterMs) => {
        const delayMs = retryDelayMs({ fault: 'busy', failedTries, retryAfterMs }, drawn) ?? Infinity;
        expect(delayMs).toBeGreaterThanOrEqual(retryAfterMs);
      }),
    );
  });

  test('does not exist once the tries are used up, and never for what is final', () => {
    fc.assert(
      fc.property(fault, tries, jitter, (each, failedTries, drawn) => {
        const isLast = failedTries + 1 >= maxTries[each];
        expect(retryDelayMs({ fault: each, failedTries }, drawn) === undefined).toBe(isLast);
        expect(retryDelayMs({ fault: 'final', failedTries }, drawn)).toBeUndefined();
      }),
    );
  });
});
