import { describe, expect, test } from '@jest/globals';
import type { Crossed, Point } from './control.ts';
import { nameOf } from './points.ts';
import { sweepWith } from './sweep.ts';
import type { Trial } from './trial.ts';

const options = { pairs: 0, countingRuns: 2, seed: 1, log: () => undefined };

const commits = (count: number): Point[] =>
  Array.from({ length: count }, (_, index) => ({ kind: 'firestore.commit', when: 'before', occurrence: index + 1 }));

/** The trials of a scenario, of which each crosses these points, in order. */
const player = (...runs: readonly (readonly Point[])[]) => {
  let trials = 0;
  return async (points: readonly Point[]): Promise<Trial> => {
    const crossed = (runs[Math.min(trials++, runs.length - 1)] ?? []).map((each): Crossed => {
      return {
        ...each,
        run: 'r',
        pid: 1,
        site: 'saveTask',
        killed: points.some((point) => nameOf(point) === nameOf(each)),
      };
    });
    const kills = crossed.filter(({ killed }) => killed).length;
    return Promise.resolve({ run: 'r', kills, crossed, recoveryMs: null, faults: [] });
  };
};

const faultsOf = async (play: ReturnType<typeof player>) => {
  const { undisturbed, results } = await sweepWith(play, 'any', options);
  return [...undisturbed, ...results.flatMap(({ faults }) => faults)];
};

describe('a sweep', () => {
  test('finds nothing when every certain point has killed', async () => {
    expect(await faultsOf(player(commits(2)))).toEqual([]);
  });

  test('finds fault with a certain point that no try reaches', async () => {
    const play = player(commits(2), commits(2), commits(1));
    expect(await faultsOf(play)).toEqual([
      'every counting run reached before firestore.commit 2, and none of 4 tries did',
    ]);
  });

  test('tries a certain point again before it finds fault with it', async () => {
    const play = player(commits(2), commits(2), [], commits(2));
    expect(await faultsOf(play)).toEqual([]);
  });

  test('finds no fault with a point that depends on timing and is not reached', async () => {
    expect(await faultsOf(player(commits(2), commits(1)))).toEqual([]);
  });

  test('takes a sample from the certain points, so that each of it must kill', async () => {
    const { results } = await sweepWith(player(commits(9), commits(2)), 'any', { ...options, sample: 2 });
    expect(results.flatMap(({ points }) => points.map(nameOf))).toEqual(commits(2).map(nameOf));
  });

  test('finds fault with a scenario of which nothing is observed', async () => {
    expect(await faultsOf(player([]))).toEqual(['the counting runs have no crossing in common']);
  });
});
