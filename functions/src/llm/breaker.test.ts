import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { callAnswered, callBegun, callFailed, closedBreaker, mayCall, readyAt, type Breaker } from './breaker.ts';
import { failureKinds, type FailureKind } from './failures.ts';

const failed = (breaker: Breaker, nowMs: number, kind: FailureKind = 'silent', retryAfterMs?: number) =>
  callFailed(breaker, { kind, retryAfterMs }, nowMs);

describe('a breaker', () => {
  test.each<FailureKind>(['silent', 'unauthorized', 'model_not_found', 'exhausted'])(
    'opens at once when a provider is %s (B1)',
    (kind) => {
      const open = failed(closedBreaker, 0, kind);
      expect([mayCall(open, 29_999), mayCall(open, 30_000)]).toEqual([false, true]);
    },
  );

  test('opens at the third failure in a row, and an answer between them begins anew (B1)', () => {
    const twice = failed(failed(closedBreaker, 0, 'server_error'), 0, 'connection');
    expect(mayCall(twice, 0)).toBe(true);
    expect(mayCall(failed(twice, 0, 'overloaded'), 0)).toBe(false);
    expect(mayCall(failed(callAnswered(twice), 0, 'overloaded'), 0)).toBe(true);
  });

  test.each<FailureKind>(['aborted', 'timeout', 'refused', 'truncated', 'bad_request', 'unusable', 'context_length'])(
    'stays closed however often a call is %s, which says nothing against the provider',
    (kind) => {
      const often = Array.from({ length: 10 }).reduce<Breaker>((breaker) => failed(breaker, 0, kind), closedBreaker);
      expect(mayCall(often, 0)).toBe(true);
    },
  );

  test('lets one probe through after the cool-down and holds the others back until it has ended (B2)', () => {
    const probing = callBegun(failed(closedBreaker, 0), 30_000);
    expect(mayCall(probing, 30_001)).toBe(false);
    expect(mayCall(callAnswered(probing), 30_001)).toBe(true);
    expect(mayCall(failed(probing, 30_001, 'aborted'), 30_001)).toBe(true);
  });

  test('stays open for twice as long after each failed probe, up to five minutes (B2)', () => {
    let breaker = failed(closedBreaker, 0);
    const coolDowns: number[] = [];
    for (let probe = 0; probe < 6; probe++) {
      const now = readyAt(breaker);
      breaker = failed(callBegun(breaker, now), now, 'server_error');
      coolDowns.push(readyAt(breaker) - now);
    }
    expect(coolDowns).toEqual([60_000, 120_000, 240_000, 300_000, 300_000, 300_000]);
  });

  test('rests for as long as a provider asks, at most ten minutes, and a shorter wish takes nothing back (B3)', () => {
    const rested = failed(failed(closedBreaker, 0, 'rate_limited', 30_000), 0, 'rate_limited', 1_000);
    expect(readyAt(rested)).toBe(30_000);
    expect(readyAt(failed(closedBreaker, 0, 'overloaded', 86_400_000))).toBe(600_000);
  });

  test('is ready again within ten minutes whatever happened', () => {
    const step = fc.record({
      kind: fc.constantFrom(...failureKinds),
      probe: fc.boolean(),
      afterMs: fc.nat(1_000_000),
      retryAfterMs: fc.nat(10_000_000),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let now = 0;
        let breaker = closedBreaker;
        for (const { kind, probe, afterMs, retryAfterMs } of steps) {
          now += afterMs;
          if (probe) breaker = callBegun(breaker, now);
          breaker = callFailed(breaker, { kind, retryAfterMs }, now);
          expect(readyAt(breaker)).toBeLessThanOrEqual(now + 600_000);
        }
      }),
    );
  });
});
