// Reading a task's events: by page, and live.
import { setTimeout as delay } from 'node:timers/promises';
import { FieldPath, type Query, type QueryDocumentSnapshot } from 'firebase-admin/firestore';
import { listen, parseSnapshot, readQuery } from '../platform/firestore.ts';
import { eachUpdate } from '../platform/live-updates.ts';
import type { OrgId } from '../platform/schemas.ts';
import {
  deliver,
  overlapMs,
  parseCursor,
  printCursor,
  start,
  wholeCommits,
  type Cursor,
  type Delivered,
} from './event-cursor.ts';
import { endedStates, event, type Event, type TaskEventBody, type TaskId } from './schemas.ts';
import { isTaskOver } from './task-state.ts';
import { eventsOf, requireTask } from './task-store.firestore.ts';

const batchSize = 300;
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
  const fresh = await readAfter(org, id, from, pageSize);
  const events = fresh.slice(0, pageSize);
  return {
    events,
    nextCursor: events.at(-1)?.cursor ?? printCursor(from),
    over: closed && fresh.length <= pageSize,
  };
};

/** Not whether the runs that were cut off have said what they spent: one that died never will. */
const isClosed = async (org: OrgId, id: TaskId): Promise<boolean> => {
  const task = await requireTask(org, id);
  return isTaskOver(task.value) && task.value.wakeAt === null;
};

const queryAfter = (org: OrgId, id: TaskId, { millis }: Cursor): Query =>
  eventsOf(org, id)
    .where('recordedAt', '>=', new Date(millis - overlapMs))
    .orderBy('recordedAt')
    .orderBy(FieldPath.documentId());

/** More than `wanted` events when there are more, so that the caller knows. */
const readAfter = async (org: OrgId, id: TaskId, from: Cursor, wanted: number): Promise<Delivered[]> => {
  const query = queryAfter(org, id, from).limit(batchSize);
  const snapshots: QueryDocumentSnapshot[] = [];
  for (;;) {
    const last = snapshots.at(-1);
    const batch = await readQuery(last ? query.startAfter(last) : query);
    snapshots.push(...batch);
    const { delivered } = deliver(from, snapshots.map(parseEvent));
    if (batch.length < batchSize || delivered.length > wanted) return delivered;
  }
};

/** Every event of a task up to the cursor and whole commits only, by lane and in order; without one, every event there is. */
export const storyOf = async (org: OrgId, id: TaskId, upTo?: Cursor): Promise<Event[]> => {
  const snapshots = await readQuery(eventsOf(org, id));
  const all = snapshots.map((snapshot) => ({ ...parseEvent(snapshot), commit: String(snapshot.get('commit')) }));
  return (upTo ? wholeCommits(all, upTo) : all).sort((a, b) => a.lane - b.lane || a.seq - b.seq);
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
  const from = follow.cursor === undefined ? start : parseCursor(follow.cursor);
  if (isTaskOver(task.value)) return deliverLast(org, id, from, follow);
  const reached = await followLive((cursor) => queryAfter(org, id, cursor), from, follow);
  await deliverLast(org, id, reached, follow);
};

/** Follows until the task has ended, or the reader is gone; resolves with how far it came. */
const followLive = async (
  queryFrom: (cursor: Cursor) => Query,
  from: Cursor,
  { signal, onEvents }: Follow,
): Promise<Cursor> => {
  let cursor = from;
  let pending: Event[] = [];
  await eachUpdate<QueryDocumentSnapshot[]>(
    {
      signal,
      listen: (bring, fail) =>
        listen(queryFrom(from), (snapshot) => bring(snapshot.docChanges().map(({ doc }) => doc)), fail),
      read: () => readQuery(queryFrom(cursor)),
    },
    async (snapshots) => {
      const received = [...pending, ...snapshots.map(parseEvent)];
      const { delivered, next } = deliver(cursor, received);
      pending = received.filter(({ lane, seq }) => seq > (next.lanes[lane] ?? 0));
      cursor = next;
      if (delivered.length > 0) await onEvents(delivered);
      return delivered.some((each) => endings.has(each.event.type)) ? 'enough' : undefined;
    },
  );
  return cursor;
};

const endings: ReadonlySet<string> = new Set<TaskEventBody['type']>(
  endedStates.map((state) => `task.${state}` as const),
);

/** After a failure or cancellation the assignments are closed; their last events belong to the story. */
const deliverLast = async (org: OrgId, id: TaskId, from: Cursor, { signal, onEvents }: Follow): Promise<void> => {
  while (!signal.aborted && !(await isClosed(org, id)))
    await delay(closingPollMs, undefined, { signal }).catch(() => undefined);
  if (signal.aborted) return;
  const rest = await readAfter(org, id, from, Number.MAX_SAFE_INTEGER);
  if (rest.length > 0) await onEvents(rest);
};
