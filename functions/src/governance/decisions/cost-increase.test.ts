import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { costIncrease, describeIncrease } from './cost-increase.ts';

const cost = fc.bigInt({ min: 0n, max: 10n ** 18n });

test.each([
  { baseline: 100n, projected: 120n, exceeds: false },
  { baseline: 100n, projected: 121n, exceeds: true },
  { baseline: 100n, projected: 80n, exceeds: false },
  { baseline: 3n, projected: 3n, exceeds: false },
  { baseline: 3n, projected: 4n, exceeds: true },
  { baseline: 0n, projected: 0n, exceeds: false },
  { baseline: 0n, projected: 1n, exceeds: true },
  // Beyond 2^53, where floating point would lose the difference.
  { baseline: 100_000_000_000_000_005n, projected: 120_000_000_000_000_006n, exceeds: false },
  { baseline: 100_000_000_000_000_005n, projected: 120_000_000_000_000_007n, exceeds: true },
])('from $baseline to $projected exceeds 20 %: $exceeds', ({ baseline, projected, exceeds }) => {
  expect(costIncrease(baseline, projected)).toBe(exceeds);
});

test('the threshold is exactly 20 %', () => {
  fc.assert(
    fc.property(cost, (fifth) => {
      expect(costIncrease(5n * fifth, 6n * fifth)).toBe(false);
      expect(costIncrease(5n * fifth, 6n * fifth + 1n)).toBe(true);
    }),
  );
});

test('a higher projection or a lower baseline never makes an increase smaller', () => {
  fc.assert(
    fc.property(cost, cost, cost, (baseline, projected, more) => {
      fc.pre(costIncrease(baseline, projected));
      expect(costIncrease(baseline, projected + more)).toBe(true);
      expect(costIncrease(baseline > more ? baseline - more : 0n, projected)).toBe(true);
    }),
  );
});

test('an increase is told in dollars, exactly', () => {
  expect(describeIncrease({ baselineNanoUsd: 100_000_000_000n, projectedNanoUsd: 120_500_000_001n })).toBe(
    'The monthly cost would rise from $100.00 to $120.500000001, more than 20 %.',
  );
  expect(describeIncrease({ baselineNanoUsd: 100n, projectedNanoUsd: 120n })).toBeUndefined();
});
