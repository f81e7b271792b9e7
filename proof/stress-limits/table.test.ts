import { describe, expect, test } from '@jest/globals';
import { faultsOf, hasPassed, markdown, patienceMs, type Outcome } from './table.ts';

const good: Outcome = {
  name: 'a body of 1 MiB',
  measured: 'api',
  expects: ['202'],
  outcome: '202',
  bytes: 1_048_576,
  ms: 120,
  beforeMiB: 140,
  peakMiB: 200,
  honest: { answered: 2, refused: 0, slowestMs: 30 },
  sameProcess: true,
};

const bad: readonly (readonly [why: string, change: Partial<Outcome>])[] = [
  ['another outcome than is expected', { outcome: '500 internal' }],
  ['a process that died', { sameProcess: false }],
  ['more memory than is declared', { peakMiB: 1_025 }],
  ['a request of others that was not answered', { honest: { answered: 3, refused: 1, slowestMs: 30 } }],
  ['others that never got an answer', { honest: { answered: 0, refused: 0, slowestMs: 0 } }],
  ['others that waited too long', { honest: { answered: 1, refused: 0, slowestMs: patienceMs + 1 } }],
];

describe('a row of the table', () => {
  test('passes when all is as expected', () => {
    expect(faultsOf(good)).toEqual([]);
    expect(hasPassed([good])).toBe(true);
  });

  test('passes where the system does not say what memory a process had', () => {
    expect(faultsOf({ ...good, beforeMiB: null, peakMiB: null })).toEqual([]);
  });

  test.each(bad)('fails for %s, and says so', (_why, change) => {
    const failed = { ...good, ...change };
    expect(faultsOf(failed)).toHaveLength(1);
    expect(hasPassed([good, failed])).toBe(false);
    expect(markdown([good, failed])).toContain('**FAILED**');
  });
});

test('no rows at all are no proof', () => {
  expect(hasPassed([])).toBe(false);
});

test('the page has a line for each row, with its numbers', () => {
  expect(markdown([good])).toContain(
    '| a body of 1 MiB | 1,048,576 | 202 | 120 | 140 MiB | 200 MiB of 1024 (`api`) | 2 × 200, 30 ms | as expected |',
  );
});
