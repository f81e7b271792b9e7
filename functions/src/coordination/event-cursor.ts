// The merged view of a task's streams, pure. There is no counter over all streams (it would be written with every event, C7) and
// the database's times are no safe cursor (a later time may become visible first). So a cursor says how far the reader is in each
// stream: `<millis>-<seq>.<seq>…`, base 36, one seq per lane. `millis` only bounds where reading starts.
//
// E1. Within a lane events are delivered in order, none twice, none left out.
// E2. A reader who comes back with the cursor of any delivered event continues exactly after it.
// E3. Events of one commit may be delivered apart; what a task was at a cursor is made of whole commits.
import { AppError } from '../platform/errors.ts';
import { coordinationErrors } from './errors.ts';
import type { Event } from './schemas.ts';

export interface Cursor {
  readonly millis: number;
  /** The last seq delivered, by lane. */
  readonly lanes: readonly number[];
}

export const start: Cursor = { millis: 0, lanes: [] };

/** How much later than a younger event an older one can become visible: longer than any commit can take. */
export const overlapMs = 120_000;

const format = /^[0-9a-z]{1,9}-([0-9a-z]{1,6}(\.[0-9a-z]{1,6}){0,999})?$/;

/** Throws `coordination.invalid_cursor`. */
export const parseCursor = (text: string): Cursor => {
  if (!format.test(text)) throw new AppError(coordinationErrors.invalidCursor);
  const [millis = '', lanes = ''] = text.split('-');
  return {
    millis: Number.parseInt(millis, 36),
    lanes: lanes === '' ? [] : lanes.split('.').map((seq) => Number.parseInt(seq, 36)),
  };
};

export const printCursor = ({ millis, lanes }: Cursor): string =>
  `${millis.toString(36)}-${lanes.map((seq) => seq.toString(36)).join('.')}`;

/** What places an event in the merged view. */
export type Place = Pick<Event, 'lane' | 'seq' | 'recordedAt'>;

export interface Delivered<E extends Place = Event> {
  readonly event: E;
  readonly cursor: string;
}

/**
 * The events that follow the cursor, merged by time, lanes in their own order; `next` is the cursor after the last. An event whose
 * predecessor in its lane is not among `events` is held back until it is: `waiting` are these, each once.
 */
export const deliver = <E extends Place>(
  from: Cursor,
  events: readonly E[],
): { delivered: Delivered<E>[]; next: Cursor; waiting: E[] } => {
  const lanes = [...from.lanes];
  const held = new Map<string, E>();
  const delivered: Delivered<E>[] = [];
  let { millis } = from;
  for (const each of [...events].sort(byTime)) {
    const { lane } = each;
    held.set(`${lane}.${each.seq}`, each);
    const following = () => held.get(`${lane}.${(lanes[lane] ?? 0) + 1}`);
    for (let event = following(); event; event = following()) {
      while (lanes.length <= lane) lanes.push(0);
      lanes[lane] = event.seq;
      millis = Math.max(millis, event.recordedAt.getTime());
      delivered.push({ event, cursor: printCursor({ millis, lanes }) });
    }
  }
  const waiting = [...held.values()].filter(({ lane, seq }) => seq > (lanes[lane] ?? 0));
  return { delivered, next: { millis, lanes }, waiting };
};

const byTime = (a: Place, b: Place): number =>
  a.recordedAt.getTime() - b.recordedAt.getTime() || a.lane - b.lane || a.seq - b.seq;

/** The events up to the cursor, and what else was committed with any of them (E3). */
export const wholeCommits = <E extends Pick<Event, 'lane' | 'seq'> & { readonly commit: string }>(
  events: readonly E[],
  { lanes }: Pick<Cursor, 'lanes'>,
): E[] => {
  const reached = new Map(lanes.entries());
  const isReached = ({ lane, seq }: E) => seq <= (reached.get(lane) ?? 0);
  for (let grown = true; grown;) {
    const commits = new Set(events.filter(isReached).map(({ commit }) => commit));
    const cutOff = events.filter((each) => commits.has(each.commit) && !isReached(each));
    for (const { lane, seq } of cutOff) reached.set(lane, Math.max(seq, reached.get(lane) ?? 0));
    grown = cutOff.length > 0;
  }
  return events.filter(isReached);
};
