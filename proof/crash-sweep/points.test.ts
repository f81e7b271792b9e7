import { describe, expect, test } from '@jest/globals';
import type { Crossed } from './control.ts';
import { nameOf, pointsOf, sampled, sampledPairs, seededRandom } from './points.ts';

const crossed = (kind: string, when: Crossed['when'], occurrence: number): Crossed => ({
  run: 'r',
  pid: 1,
  kind,
  when,
  occurrence,
  site: 'saveTask',
  killed: false,
});

const both = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => [
    crossed(kind, 'before', index + 1),
    crossed(kind, 'after', index + 1),
  ]).flat();

describe('the points of a sweep', () => {
  test('are all that a counting run reached, once each', () => {
    const run = [...both('firestore.commit', 2), ...both('llm.call', 1)];
    expect(pointsOf([run, run]).map(nameOf)).toEqual(run.map(nameOf));
  });

  test('are certain only when every counting run reached them', () => {
    const points = pointsOf([both('firestore.read', 3), both('firestore.read', 2)]);
    expect(points.map((point) => [nameOf(point), point.certain])).toEqual([
      ['before firestore.read 1', true],
      ['after firestore.read 1', true],
      ['before firestore.read 2', true],
      ['after firestore.read 2', true],
      ['before firestore.read 3', false],
      ['after firestore.read 3', false],
    ]);
  });
});

describe('a sample', () => {
  const items = Array.from({ length: 50 }, (_, index) => index);

  test('is the same for the same seed, and another for another', () => {
    const draw = (seed: number) => sampled(items, 10, seededRandom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test('keeps the order and repeats nothing', () => {
    const drawn = sampled(items, 20, seededRandom(3));
    expect(drawn).toEqual([...new Set(drawn)].toSorted((a, b) => a - b));
    expect(drawn).toHaveLength(20);
  });

  test('of more than there is is everything', () => {
    expect(sampled(items, 99, seededRandom(3))).toEqual(items);
  });

  test('of pairs leaves open whether the second point is met: another process reaches it', () => {
    const pairs = sampledPairs(pointsOf([both('llm.call', 5)]), 8, seededRandom(1));
    expect(pairs).toHaveLength(8);
    expect(pairs.every(([first, second]) => first.certain && !second.certain)).toBe(true);
  });

  test('of pairs without points is empty', () => {
    expect(sampledPairs([], 8, seededRandom(1))).toEqual([]);
  });
});
