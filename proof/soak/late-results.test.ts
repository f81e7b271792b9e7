import { describe, expect, test } from '@jest/globals';
import { lateResultsIn, type ClaimEvent } from './late-results.ts';

const claim = (seq: number, epoch: number, stream = 'a'): ClaimEvent => ({
  ...{ stream, seq, epoch },
  type: 'assignment.started',
});
const spend = (seq: number, epoch: number, stream = 'a'): ClaimEvent => ({
  ...{ stream, seq, epoch },
  type: 'assignment.spend_recorded',
});

describe('a late result', () => {
  test('is what a run spent after another had claimed its work', () => {
    expect(lateResultsIn([claim(2, 1), claim(3, 2), spend(4, 1)])).toBe(1);
  });

  test('is not what a run spent until a cancel cut it off', () => {
    expect(lateResultsIn([claim(2, 1), spend(4, 1)])).toBe(0);
  });

  test('is not what a run had spent before the next claim', () => {
    expect(lateResultsIn([claim(2, 1), spend(3, 1), claim(4, 2)])).toBe(0);
  });

  test('is told by the claims of its own assignment', () => {
    expect(lateResultsIn([claim(2, 1), spend(3, 1), claim(2, 2, 'b')])).toBe(0);
  });

  test('counts each, also several of one assignment', () => {
    expect(lateResultsIn([claim(2, 1), claim(3, 2), claim(4, 3), spend(5, 2), spend(6, 1), spend(7, 3)])).toBe(2);
  });
});
