// A scenario's sweep: count the crossings of undisturbed runs, then die at each of them.
import { missedPoint, nameOf, pointsOf, sampled, sampledPairs, seededRandom, type PlannedPoint } from './points.ts';
import type { Scenario } from './scenarios/index.ts';
import type { Stage } from './stage.ts';
import { playTrial, type Trial } from './trial.ts';

export interface SweepOptions {
  /** At most so many single points, certain ones only; all points when left out. */
  readonly sample?: number;
  readonly pairs: number;
  /** Undisturbed runs that tell which points there are: the more, the fewer are called certain by chance. */
  readonly countingRuns: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface PointResult {
  readonly points: readonly PlannedPoint[];
  readonly kills: number;
  readonly tries: number;
  readonly recoveryMs: number | null;
  readonly faults: readonly string[];
}

export interface SweepResult {
  readonly scenario: string;
  /** Faults of the runs in which nothing was killed. */
  readonly undisturbed: readonly string[];
  readonly crossings: number;
  readonly results: readonly PointResult[];
}

/** A point that timing has moved is met in another run. */
const maxTries = 4;

/** On a stage that others may have used before. */
export const sweepOn = (stage: Stage, scenario: Scenario, options: SweepOptions): Promise<SweepResult> =>
  sweepWith(makePlayer(stage, scenario), scenario.name, options);

/** `play` plays the scenario once, with deaths at these points. */
export const sweepWith = async (play: Player, scenario: string, options: SweepOptions): Promise<SweepResult> => {
  const { sample, pairs, countingRuns, seed, log } = options;
  const random = seededRandom(seed);
  const counting: Trial[] = [];
  for (let index = 0; index < countingRuns; index++) counting.push(await play([]));
  const points = pointsOf(counting.map(({ crossed }) => crossed));
  const certain = points.filter((point) => point.certain);
  const singles = (sample === undefined ? points : sampled(certain, sample, random)).map((point) => [point]);
  const combinations = [...singles, ...sampledPairs(points, pairs, random)];
  log(`${scenario}: ${points.length} points (${certain.length} certain), ${combinations.length} to try`);
  const results: PointResult[] = [];
  for (const combination of combinations) {
    const result = await tryPoints(play, combination);
    results.push(result);
    log(lineOf(scenario, result, `${results.length}/${combinations.length}`));
  }
  const undisturbed = [...counting.flatMap(({ faults }) => faults), ...(certain.length === 0 ? [nothingCertain] : [])];
  return { scenario, undisturbed, crossings: points.length, results };
};

/** A sweep of such a scenario would kill nothing, or only by chance, and prove nothing. */
const nothingCertain = 'the counting runs have no crossing in common';

type Player = (points: readonly PlannedPoint[]) => Promise<Trial>;

/** Each trial has an org of its own. One that cannot be played is a fault like any other: the sweep goes on. */
const makePlayer = (stage: Stage, scenario: Scenario): Player => {
  const played: string[] = [];
  return async (points) => {
    const run = `${scenario.name}-${played.length + 1}`;
    const neighbours = [...played];
    played.push(run);
    try {
      return await playTrial(stage, scenario, { run, points, neighbours });
    } catch (error) {
      return {
        run,
        kills: 0,
        crossed: [],
        recoveryMs: null,
        faults: [`it could not be played: ${String(error)}`],
      };
    }
  };
};

const tryPoints = async (play: Player, points: readonly PlannedPoint[]): Promise<PointResult> => {
  const faults: string[] = [];
  for (let tries = 1; ; tries++) {
    const trial = await play(points);
    faults.push(...trial.faults);
    const { kills, recoveryMs } = trial;
    const missed = missedPoint(points, kills);
    if (missed && tries < maxTries) continue;
    if (missed) faults.push(`every counting run reached ${nameOf(missed)}, and none of ${tries} tries did`);
    return { points, kills, tries, recoveryMs, faults };
  }
};

const lineOf = (name: string, { points, kills, tries, recoveryMs, faults }: PointResult, at: string): string => {
  const where = points.map((point) => `${nameOf(point)} (${point.site})`).join(', then ');
  const how = `${kills} kills, ${tries} tries, over after ${recoveryMs ?? '-'} ms`;
  return [`${name} ${at} ${where}: ${how}`, ...faults.map((fault) => `  FAULT ${fault}`)].join('\n');
};
