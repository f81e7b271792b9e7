// The checker's own reading of the events: which may follow which, and what a record must look like after them. Written from the
// design, not from the engine. An event that it does not know is a finding: nothing may happen that nobody checks.
import type { EventRecord } from './records.ts';

export interface Step {
  readonly from: readonly string[];
  /** The state after it; left out where the state stays, or follows from more than the event. */
  readonly to?: string;
}

export type Steps = Readonly<Partial<Record<string, Step>>>;

/** The events do not make a history; the message says where. */
class ImpossibleHistory extends Error {}

/** Looks up what the event does to a record in that state. Throws ImpossibleHistory. */
export const stepFor = (steps: Steps, state: string | undefined, { seq, type }: EventRecord): Step => {
  const step = steps[type];
  if (!step) throw new ImpossibleHistory(`the checker does not know event ${seq}, ${type}`);
  if (state === undefined || !step.from.includes(state)) {
    throw new ImpossibleHistory(`event ${seq}, ${type}, cannot follow the state ${state ?? 'of nothing'}`);
  }
  return step;
};

/** What the events make, and the first that does not fit. */
export interface Folded<R> {
  readonly record: R | undefined;
  readonly fault: string | undefined;
}

export const folded = <R>(
  fold: (record: R | undefined, event: EventRecord) => R,
  events: readonly EventRecord[],
): Folded<R> => {
  let record: R | undefined;
  for (const event of events) {
    try {
      record = fold(record, event);
    } catch (error) {
      if (error instanceof ImpossibleHistory) return { record, fault: error.message };
      throw error;
    }
  }
  return { record, fault: undefined };
};
