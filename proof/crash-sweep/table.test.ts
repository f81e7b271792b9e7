import { describe, expect, test } from '@jest/globals';
import type { PlannedPoint } from './points.ts';
import type { PointResult, SweepResult } from './sweep.ts';
import { markdownOf, totalsOf } from './table.ts';

const point: PlannedPoint = { kind: 'llm.call', when: 'before', occurrence: 2, site: 'ask', certain: true };
const result = (changes: Partial<PointResult>): PointResult => ({
  points: [point],
  kills: 1,
  tries: 1,
  recoveryMs: 100,
  faults: [],
  ...changes,
});
const sweep: SweepResult = {
  scenario: 'two-in-a-row',
  undisturbed: [],
  crossings: 9,
  results: [
    result({ recoveryMs: 300 }),
    result({ recoveryMs: 200, faults: ['C2 it succeeded 2 times'] }),
    result({ points: [{ ...point, certain: false }], kills: 0, recoveryMs: null }),
    result({ kills: 0, recoveryMs: null, faults: ['never reached'] }),
    result({ points: [point, { ...point, certain: false }] }),
  ],
};

describe('the table of a sweep', () => {
  test('sums up points, kills, what was not reached though it had to be or need not, recovery and faults', () => {
    expect(totalsOf(sweep)).toEqual({
      points: 5,
      kills: 3,
      unreached: 2,
      certainUnreached: 1,
      faults: 2,
      recoveries: 3,
      medianRecoveryMs: 200,
      p95RecoveryMs: 300,
      longestRecoveryMs: 300,
    });
  });

  test('counts what was wrong before anything was killed', () => {
    expect(totalsOf({ ...sweep, undisturbed: ['C1 it hangs'] }).faults).toBe(3);
  });

  test('says for every fault where it came from', () => {
    expect(markdownOf([sweep]).split('\n')).toEqual([
      '| Scenario | Points | Kills | Not reached | Certain, not reached | Before the end | Median to the end, ms | p95 | Longest | Faults |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
      '| two-in-a-row | 5 | 3 | 2 | 1 | 3 | 200 | 300 | 300 | 2 |',
      '- two-in-a-row, before llm.call 2 (ask): C2 it succeeded 2 times',
      '- two-in-a-row, before llm.call 2 (ask): never reached',
    ]);
  });
});
