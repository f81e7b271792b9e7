// Which points a sweep tries: every one that every counting run has reached, sampled where asked, and pairs of them. Pure.
import type { Crossed, Point } from './control.ts';

/** A point of the sweep. */
export interface PlannedPoint extends Point {
  /** Where the effect was asked for in the first counting run that reached it. */
  readonly site: string;
  /** Reached by every counting run: it must be reached, if need be by another try. What only some reached depends on timing. */
  readonly certain: boolean;
}

/** The points that the counting runs reached, those of all first. */
export const pointsOf = (countingRuns: readonly (readonly Crossed[])[]): PlannedPoint[] => {
  const reached = new Map<string, Crossed>();
  for (const entry of countingRuns.flat()) if (!reached.has(nameOf(entry))) reached.set(nameOf(entry), entry);
  const certain = (entry: Crossed) => countingRuns.every((run) => run.some((other) => nameOf(other) === nameOf(entry)));
  return [...reached.values()].map((entry) => {
    const { kind, when, occurrence, site } = entry;
    return { kind, when, occurrence, site, certain: certain(entry) };
  });
};

/** The first of the points that should have killed and did not, though every counting run had reached it. */
export const missedPoint = (points: readonly PlannedPoint[], kills: number): PlannedPoint | undefined =>
  points.slice(kills).find(({ certain }) => certain);

export const nameOf = ({ kind, when, occurrence }: Point) => `${when} ${kind} ${occurrence}`;

/** Numbers in [0, 1) that follow from the seed alone (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** `count` of the items, in their order; all when there are fewer. */
export const sampled = <T>(items: readonly T[], count: number, random: () => number): T[] => {
  const drawn = items.map((item, index) => ({ index, item, weight: random() }));
  const chosen = drawn.toSorted((a, b) => a.weight - b.weight).slice(0, count);
  return chosen.toSorted((a, b) => a.index - b.index).map(({ item }) => item);
};

/** Pairs of points: the second kills the process that comes after the first's. */
export const sampledPairs = (
  points: readonly PlannedPoint[],
  count: number,
  random: () => number,
): (readonly [PlannedPoint, PlannedPoint])[] => {
  const draw = () => points[Math.floor(random() * points.length)];
  return Array.from({ length: points.length === 0 ? 0 : count }, () => [draw(), draw()]).flatMap(([first, second]) =>
    first && second ? [[first, { ...second, certain: false }] as const] : [],
  );
};
