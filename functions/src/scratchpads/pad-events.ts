// Reading a pad's events: by page, and live. The sections say which revisions there are, so a listener on them is an alarm only.
import { EventEmitter, on } from 'node:events';
import { lazy } from '../platform/lazy.ts';
import type { OrgId } from '../platform/schemas.ts';
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
import { revisionsByKey, sectionsOfTask, watchSections } from './pad-store.firestore.ts';
import { requireTask } from './read-pad.ts';
import type { Progress } from './render.ts';
import type { Section } from './schemas.ts';

const batchSize = 100;
/**
 * The sections are read once the listener stands, and then this often: the emulator loses some writes that land while a listener
 * registers, and no reader should have to wait for ever on the word of one.
 */
const rereadMs = 15_000;

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
  const heads = await headsOf(org, task);
  const { events, next } = await readAfter({ org, task }, from, { heads, limit: pageSize });
  return { events, nextCursor: printCursor(next), more: countAfter(next, heads) > 0 };
};

const headsOf = async (org: OrgId, task: string): Promise<Section[]> =>
  (await sectionsOfTask(org, task)).map(({ value }) => value);

const readAfter = async (
  { org, task }: { org: OrgId; task: string },
  from: PadCursor,
  { heads, limit }: { heads: readonly Section[]; limit: number },
) => deliver(from, await revisionsByKey(org, task, nextKeys(from, heads, limit)));

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

/** Delivers every event after `cursor` as it happens, until the signal aborts. */
export const followPadEvents = async (org: OrgId, task: string, follow: FollowPad): Promise<void> => {
  if (follow.signal.aborted) return;
  const { signal, onEvents } = follow;
  const inbox = new EventEmitter();
  const changes = on(inbox, 'sections', { signal }) as AsyncIterable<[Section[]]>;
  // A late failure has nobody to tell once the reader is gone.
  const fail = (error: unknown) => inbox.listenerCount('error') > 0 && inbox.emit('error', error);
  const receive = (sections: Section[]) => inbox.emit('sections', sections);
  const readAgain = () => void headsOf(org, task).then(receive).catch(fail);
  const readOnceStanding = lazy(readAgain);
  const stop = watchSections(
    org,
    task,
    (sections) => {
      receive(sections);
      readOnceStanding();
    },
    fail,
  );
  const timer = setInterval(readAgain, rereadMs);
  let cursor = parseCursor(follow.cursor);
  try {
    for await (const [heads] of changes) {
      while (countAfter(cursor, heads) > 0) {
        const { events, next } = await readAfter({ org, task }, cursor, { heads, limit: batchSize });
        await onEvents(events);
        cursor = next;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    stop();
  }
};
