// Every effect that something outside this process can notice goes through `cross`. An observer, installed before the
// functions are loaded, sees each crossing before it starts and after it succeeded: tests kill the process there or let something
// else happen first, and the benchmarks count there. In production there is no observer.

export type CrossingKind =
  | 'firestore.commit'
  | 'firestore.read'
  | 'firestore.listen'
  | 'pubsub.publish'
  | 'pubsub.create'
  | 'llm.call'
  | 'http.post';

export interface CrossingObserver {
  /** The effect waits for what it returns. */
  before(kind: CrossingKind): unknown;
  /** `units` is what the effect is billed by: documents read, messages published, otherwise 1. */
  after(kind: CrossingKind, units: number): void;
}

const key = Symbol.for('backend-coordinator.crossings');
const observer = () => (globalThis as { [key]?: CrossingObserver })[key];

/** Runs an outside effect between the observer's `before` and `after`; `units` tells how much was done. */
export const cross = async <T>(
  kind: CrossingKind,
  effect: () => Promise<T>,
  units: (result: T) => number = () => 1,
): Promise<T> => {
  const observing = observer();
  if (observing) await observing.before(kind);
  const result = await effect();
  observer()?.after(kind, units(result));
  return result;
};
