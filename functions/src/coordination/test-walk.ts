// Random walks through a state machine, for the tests of both.
import fc from 'fast-check';
import { ImpossibleEvent } from './impossible-event.ts';

type Evolve<R, E> = (record: R | undefined, event: E, at: Date) => R;

const attempt = <R, E>(evolve: Evolve<R, E>, record: R | undefined, event: E, at: Date): R | undefined => {
  try {
    return evolve(record, event, at);
  } catch (error) {
    if (error instanceof ImpossibleEvent) return undefined;
    throw error;
  }
};

/** Lives of a record, each the list of its states from the first event on: every number picks one of the events possible next. */
export const lives = <R, E>(evolve: Evolve<R, E>, first: E, all: readonly E[], at: Date): fc.Arbitrary<R[]> =>
  fc.array(fc.nat(), { maxLength: 40 }).map((picks) =>
    picks.reduce<R[]>(
      (life, pick) => {
        const possible = all.flatMap((event) => attempt(evolve, life.at(-1), event, at) ?? []);
        const next = possible[pick % Math.max(possible.length, 1)];
        return next === undefined ? life : [...life, next];
      },
      [evolve(undefined, first, at)],
    ),
  );

/** The states that can be reached from the first event on. */
export const reachable = <R extends { state: string }, E>(
  evolve: Evolve<R, E>,
  first: E,
  all: readonly E[],
  at: Date,
): string[] => {
  const seen = new Map<string, R>();
  const queue = [evolve(undefined, first, at)];
  for (let record = queue.pop(); record; record = queue.pop()) {
    if (seen.has(record.state)) continue;
    seen.set(record.state, record);
    for (const event of all) {
      const next = attempt(evolve, record, event, at);
      if (next) queue.push(next);
    }
  }
  return [...seen.keys()].sort();
};
