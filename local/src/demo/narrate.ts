// What an event means to somebody who watches, in a line or two. Pure.
import { counted, dollars, oneLine } from './text.ts';
import type { WatchedEvent } from './events.ts';
import { metricsOf, nameOf } from './plan-lines.ts';
import { isPlanKnown, type Progress, type Step } from './progress.ts';
import type { Tone } from './style.ts';

export interface Remark {
  /** One word that says what kind of thing happened. */
  readonly about: string;
  readonly text: string;
  readonly tone: Tone;
}

type EventOf<T extends WatchedEvent['type']> = Extract<WatchedEvent, { type: T }>;

/** What to tell of an event that leads from `before` to `after`; most events that only move the work on tell nothing. */
export const narrate = (before: Progress, event: WatchedEvent, after: Progress): Remark[] => {
  const planned = isPlanKnown(after) && !isPlanKnown(before) && before.steps.size < after.steps.size;
  return [...remarksOn(event, after), ...(planned && before.state === after.state ? planRemarks(before, after) : [])];
};
