// The checklist of a scratchpad, live. Its items follow from what was delivered, attested and decided, and nothing is written when one
// is ticked: a task that nobody follows pays nothing for it. Listeners on those records are alarms only.
import { EventEmitter, on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { watchApprovals, watchAttestations } from '../governance/index.ts';
import type { OrgId } from '../platform/schemas.ts';
import type { FollowProgress, Progress } from '../scratchpads/index.ts';
import { getProgress } from './read-task.ts';
import type { TaskId } from './schemas.ts';
import { watchSuccesses } from './task-store.firestore.ts';

/** What happens within this time is looked at once: each look reads all assignments. */
const gatherMs = 200;
/** A listener of the emulator loses some writes; and evidence grows too old without any. */
const rereadMs = 15_000;

/** Tells of the checklist as it stands, and again whenever an item changes, until the signal aborts. */
export const followProgress = async (org: OrgId, id: TaskId, follow: FollowProgress): Promise<void> => {
  if (follow.signal.aborted) return;
  const { signal, onProgress } = follow;
  const inbox = new EventEmitter();
  const alarms = on(inbox, 'alarm', { signal }) as AsyncIterable<[number]>;
  let raised = 0;
  const alarm = () => inbox.emit('alarm', ++raised);
  // A late failure has nobody to tell once the reader is gone.
  const fail = (error: unknown) => inbox.listenerCount('error') > 0 && inbox.emit('error', error);
  const stops = [watchSuccesses, watchAttestations, watchApprovals].map((watch) => watch(org, id, alarm, fail));
  const timer = setInterval(alarm, rereadMs);
  let answered = 0;
  let known: Progress | undefined;
  try {
    for await (const [nth] of alarms) {
      if (nth <= answered) continue;
      await delay(gatherMs, undefined, { signal });
      answered = raised;
      const items = await getProgress(org, id);
      if (isDeepStrictEqual(items, known)) continue;
      known = items;
      await onProgress(items);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    for (const stop of stops) stop();
  }
};
