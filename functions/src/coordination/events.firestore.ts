// Reading a task's events: by page, and live.
//
// V1. What is looked through is keys: where an event stands, not what it says. The events that follow a cursor are then read in slices,
//     or come with the listener; a follower that takes nothing is read nothing.
// V2. A follower holds back at most `maxHeldBack` keys. With a cursor that this service made it seldom holds back any: an event of the
//     same lane may carry a slightly earlier time than the one before it. Only with a forged cursor are keys held back for good.
// V3. What waits for a slow follower is at most a page of events (B2 of slices.ts); beyond that they are read again when it has time.
import { setTimeout as delay } from 'node:timers/promises';
import { FieldPath, type DocumentReference, type Query, type QueryDocumentSnapshot } from 'firebase-admin/firestore';
import { databaseNow, listen, parseSnapshot, readQuery } from '../platform/firestore.ts';
import { eachUpdate } from '../platform/live-updates.ts';
import type { OrgId } from '../platform/schemas.ts';
import { fromSlices, pageBytes, slicesOf, slicesOfNamed, takePage } from '../platform/slices.ts';
import { storedBytes } from '../platform/stored-size.ts';
import {
  deliver,
  overlapMs,
  parseCursor,
  printCursor,
  start,
  wholeCommits,
  type Cursor,
  type Delivered,
  type Place,
} from './event-cursor.ts';
import { endedStates, event, type Event, type TaskEventBody, type TaskId } from './schemas.ts';
import { isTaskOver } from './task-state.ts';
import { eventsOf, requireTask } from './task-store.firestore.ts';

const keysAtOnce = 300;
const maxHeldBack = 1_000;
/** How often a follower looks whether the assignments of a cancelled task are closed; only between its end and then. */
const closingPollMs = 250;

export interface EventPage {
  readonly events: readonly Delivered[];
  /** Where to go on; the same as given when nothing was new. */
  readonly nextCursor: string;
  /** The task is over, its assignments are closed, and this page holds the last event. Only the spend of a call that was cut off may follow. */
  readonly over: boolean;
}

/** The events after `cursor`, oldest first. Throws `coordination.task_not_found`, `coordination.invalid_cursor`. */
export const readEvents = async (
  org: OrgId,
  id: TaskId,
  { cursor, pageSize }: { cursor?: string | undefined; pageSize: number },
): Promise<EventPage> => {
  const from = cursor === undefined ? start : parseCursor(cursor);
  // The task first: what is over now has all its events recorded already.
  const closed = await isClosed(org, id);
  const next = await keysOfPage(org, id, from, pageSize);
  const { records: events, more } = await takePage(contentOf(next.slice(0, pageSize)), pageSize);
  return {
    events,
    nextCursor: events.at(-1)?.cursor ?? printCursor(from),
    over: closed && !more && next.length <= pageSize,
  };
};

/** Not whether the runs that were cut off have said what they spent: one that died never will. */
const isClosed = async (org: OrgId, id: TaskId): Promise<boolean> => {
  const task = await requireTask(org, id);
  return isTaskOver(task.value) && task.value.wakeAt === null;
};

/** Where an event stands and where it is; with what it says when that is at hand. */
interface Key extends Place {
  readonly reference: DocumentReference;
  readonly content?: Event;
}

const place = event.pick({ lane: true, seq: true, recordedAt: true });

const queryFrom = (org: OrgId, id: TaskId, millis: number): Query =>
  eventsOf(org, id)
    .where('recordedAt', '>=', new Date(Math.max(0, millis - overlapMs)))
    .orderBy('recordedAt')
    .orderBy(FieldPath.documentId());

/** The keys of all events that may follow what was recorded by then, in the order of time. */
async function* keysFrom(org: OrgId, id: TaskId, millis: number): AsyncGenerator<Key[]> {
  const query = queryFrom(org, id, millis)
    .select(...Object.keys(place.shape))
    .limit(keysAtOnce);
  for (let found = await readQuery(query); ;) {
    yield found.map((snapshot) => ({ ...parseSnapshot(place, snapshot).value, reference: snapshot.ref }));
    const last = found.at(-1);
    if (!last || found.length < keysAtOnce) return;
    found = await readQuery(query.startAfter(last));
  }
}

/** How far a reader is, and the keys of what it cannot be given yet. */
interface Progress {
  readonly cursor: Cursor;
  readonly held: readonly Key[];
}

/** V2. */
const merge = (
  { cursor, held }: Progress,
  keys: readonly Key[],
): { delivered: Delivered<Key>[]; progress: Progress } => {
  const { delivered, next, waiting } = deliver(cursor, [...held, ...keys]);
  const kept = waiting
    .slice(0, maxHeldBack)
    .map(({ lane, seq, recordedAt, reference }) => ({ lane, seq, recordedAt, reference }));
  return { delivered, progress: { cursor: next, held: kept } };
};

/** More than `wanted` when there are more, so that the caller knows. */
const keysOfPage = async (org: OrgId, id: TaskId, from: Cursor, wanted: number): Promise<Delivered<Key>[]> => {
  const found: Delivered<Key>[] = [];
  let progress: Progress = { cursor: from, held: [] };
  for await (const keys of keysFrom(org, id, from.millis)) {
    const merged = merge(progress, keys);
    found.push(...merged.delivered);
    progress = merged.progress;
    if (found.length > wanted) break;
  }
  return found;
};

/** What the events say, slice by slice; what is at hand is not read. */
async function* contentOf(keys: readonly Delivered<Key>[]): AsyncGenerator<Delivered[]> {
  const unread = keys.filter(({ event: { content } }) => content === undefined);
  if (unread.length === 0) {
    yield keys.flatMap(({ event: { content }, cursor }) => (content ? [{ event: content, cursor }] : []));
    return;
  }
  let read = 0;
  for await (const slice of slicesOfNamed(keys.map(({ event: { reference } }) => reference))) {
    const cursors = keys.slice(read, (read += slice.length)).map(({ cursor }) => cursor);
    yield slice.map((snapshot, index) => ({
      event: parseSnapshot(event, snapshot).value,
      cursor: cursors[index] ?? '',
    }));
  }
}

/** Every event of a task up to the cursor and whole commits only, by lane and in order; without one, every event there is. */
export const storyOf = async (org: OrgId, id: TaskId, upTo?: Cursor): Promise<Event[]> => {
  const all = await fromSlices(slicesOf(eventsOf(org, id), { size: keysAtOnce }), (snapshot) => ({
    ...parseEvent(snapshot),
    commit: String(snapshot.get('commit')),
  }));
  return (upTo ? wholeCommits(all, upTo) : all).sort((a, b) => a.lane - b.lane || a.seq - b.seq);
};

/** The cursor of the latest event of a task. */
export const latestCursor = async (org: OrgId, id: TaskId): Promise<string> => {
  const keys = await keysOfPage(org, id, start, Number.MAX_SAFE_INTEGER);
  return keys.at(-1)?.cursor ?? printCursor(start);
};

const parseEvent = (snapshot: QueryDocumentSnapshot) => parseSnapshot(event, snapshot).value;

export interface Follow {
  readonly cursor?: string | undefined;
  readonly signal: AbortSignal;
  readonly onEvents: (events: readonly Delivered[]) => Promise<void>;
}

/** Delivers every event after `cursor` as it happens; resolves when the task is over and all was delivered, or on abort. */
export const followEvents = async (org: OrgId, id: TaskId, follow: Follow): Promise<void> => {
  if (follow.signal.aborted) return;
  const task = await requireTask(org, id);
  const cursor = follow.cursor === undefined ? start : parseCursor(follow.cursor);
  const reader = readerOf(org, id, { cursor, held: [] }, follow);
  if (!isTaskOver(task.value)) await followLive(org, id, reader, follow.signal);
  await deliverLast(org, id, reader, follow.signal);
};

type Reader = ReturnType<typeof readerOf>;

/** One who follows: how far it has come, and how it comes further. */
const readerOf = (org: OrgId, id: TaskId, from: Progress, { signal, onEvents }: Follow) => {
  let progress = from;
  let readBy = from.cursor.millis;
  let hasEnded = false;
  const take = async (keys: readonly Key[]): Promise<void> => {
    const { delivered, progress: next } = merge(progress, keys);
    for await (const events of contentOf(delivered)) {
      if (signal.aborted) return;
      if (events.length > 0) await onEvents(events);
      hasEnded ||= events.some((each) => endings.has(each.event.type));
    }
    progress = next;
  };
  return {
    take,
    /** Takes all that was recorded since it was last done: what is recorded from now on may become visible later. */
    catchUp: async (): Promise<void> => {
      const begun = databaseNow();
      for await (const keys of keysFrom(org, id, readBy)) {
        await take(keys);
        if (signal.aborted) return;
      }
      readBy = Math.max(readBy, begun);
    },
    /** When all was read last, by the database's clock. */
    readBy: (): number => readBy,
    hasEnded: (): boolean => hasEnded,
  };
};

/** What a listener has brought; undefined when that is too much to keep, or unknown (V3). */
interface Brought {
  readonly bytes: number;
  readonly keys: readonly Key[] | undefined;
}

const unknown: Brought = { bytes: 0, keys: undefined };

const joined = (earlier: Brought, later: Brought): Brought => {
  const bytes = earlier.bytes + later.bytes;
  if (!earlier.keys || !later.keys || bytes > pageBytes) return unknown;
  return { bytes, keys: [...earlier.keys, ...later.keys] };
};

const brought = (snapshots: readonly QueryDocumentSnapshot[]): Brought => {
  let all: Brought = { bytes: 0, keys: [] };
  for (const snapshot of snapshots) {
    const content = parseEvent(snapshot);
    const { lane, seq, recordedAt } = content;
    const key = { lane, seq, recordedAt, content, reference: snapshot.ref };
    all = joined(all, { bytes: storedBytes(content), keys: [key] });
  }
  return all;
};

/** Follows until the task has ended, or the reader is gone. It catches up first, so that the listener begins with what is new. */
const followLive = async (org: OrgId, id: TaskId, reader: Reader, signal: AbortSignal): Promise<void> => {
  await reader.catchUp();
  if (signal.aborted || reader.hasEnded()) return;
  await eachUpdate<Brought>(
    {
      signal,
      listen: (bring, fail) =>
        listen(
          queryFrom(org, id, reader.readBy()),
          (snapshot) => bring(brought(snapshot.docChanges().map(({ doc }) => doc))),
          fail,
        ),
      read: () => Promise.resolve(unknown),
      join: joined,
    },
    async ({ keys }) => {
      await (keys ? reader.take(keys) : reader.catchUp());
      return reader.hasEnded() ? 'enough' : undefined;
    },
  );
};

const endings: ReadonlySet<string> = new Set<TaskEventBody['type']>(
  endedStates.map((state) => `task.${state}` as const),
);

/** After a failure or cancellation the assignments are closed; their last events belong to the story. */
const deliverLast = async (org: OrgId, id: TaskId, reader: Reader, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted && !(await isClosed(org, id)))
    await delay(closingPollMs, undefined, { signal }).catch(() => undefined);
  if (!signal.aborted) await reader.catchUp();
};
