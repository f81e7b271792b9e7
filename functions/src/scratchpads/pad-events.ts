// Reading a pad's events: by page, and live. The sections say which revisions there are, so a listener on them is an alarm only.
import { eachUpdate } from '../platform/live-updates.ts';
import type { OrgId } from '../platform/schemas.ts';
import { takePage } from '../platform/slices.ts';
import {
  countAfter,
  deliver,
  nextKeys,
  parseCursor,
  printCursor,
  start,
  type PadCursor,
  type PadEvent,
} from './pad-cursor.ts';
import { headsOfSections, slicesOfRevisions, watchSections, type Head } from './pad-store.firestore.ts';
import { requireTask } from './read-pad.ts';
import type { Progress } from './render.ts';

const batchSize = 100;

export interface PadEventPage {
  readonly events: readonly PadEvent[];
  /** Where to go on; the same as given when nothing was new. */
  readonly nextCursor: string;
  readonly more: boolean;
}

/** The events after `cursor`. Throws `coordination.task_not_found`, `coordination.invalid_cursor`. */
export const readPadEvents = async (
  org: OrgId,
  task: string,
  { cursor, pageSize }: { cursor?: string | undefined; pageSize: number },
): Promise<PadEventPage> => {
  const from = cursor === undefined ? start : parseCursor(cursor);
  await requireTask(org, task);
  const heads = await headsOfSections(org, task);
  const { events, next } = await readAfter({ org, task }, from, { heads, limit: pageSize });
  return { events, nextCursor: printCursor(next), more: countAfter(next, heads) > 0 };
};

const readAfter = async (
  { org, task }: { org: OrgId; task: string },
  from: PadCursor,
  { heads, limit }: { heads: readonly Head[]; limit: number },
) => {
  const { records } = await takePage(slicesOfRevisions(org, task, nextKeys(from, heads, limit)), limit);
  return deliver(from, records);
};

export interface FollowPad {
  readonly cursor: string;
  readonly signal: AbortSignal;
  readonly onEvents: (events: readonly PadEvent[]) => Promise<void>;
}

/** The checklist of the specification is no revision: whoever knows what ticks its items tells of it. */
export interface FollowProgress {
  readonly signal: AbortSignal;
  readonly onProgress: (items: Progress) => Promise<void>;
}

/** The latest revision that either of the two knows of each section. */
const newestOf = (earlier: readonly Head[], later: readonly Head[]): Head[] => {
  const numbers = new Map<string, number>();
  for (const { id, number } of [...earlier, ...later]) numbers.set(id, Math.max(number, numbers.get(id) ?? 0));
  return [...numbers].map(([id, number]) => ({ id, number }));
};

/** Delivers every event after `cursor` as it happens, until the signal aborts. */
export const followPadEvents = async (org: OrgId, task: string, follow: FollowPad): Promise<void> => {
  if (follow.signal.aborted) return;
  const { signal, onEvents } = follow;
  let cursor = parseCursor(follow.cursor);
  await eachUpdate<Head[]>(
    {
      signal,
      listen: (bring, fail) => watchSections(org, task, bring, fail),
      read: () => headsOfSections(org, task),
      join: newestOf,
    },
    async (heads) => {
      while (countAfter(cursor, heads) > 0) {
        const { events, next } = await readAfter({ org, task }, cursor, { heads, limit: batchSize });
        await onEvents(events);
        cursor = next;
      }
      return undefined;
    },
  );
};
