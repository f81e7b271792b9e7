// The checklist of a scratchpad, live. Its items follow from what was delivered, attested and decided, and nothing is written when one
// is ticked: a task that nobody follows pays nothing for it. Listeners on those records are alarms only.
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { watchApprovals, watchAttestations } from '../governance/index.ts';
import { eachUpdate } from '../platform/live-updates.ts';
import type { OrgId } from '../platform/schemas.ts';
import type { FollowProgress, Progress } from '../scratchpads/index.ts';
import { getProgress } from './read-task.ts';
import type { TaskId } from './schemas.ts';
import { watchSuccesses } from './task-store.firestore.ts';

/** What happens within this time is looked at once: each look reads all assignments. */
const gatherMs = 200;

/** Tells of the checklist as it stands, and again whenever an item changes, until the signal aborts. */
export const followProgress = async (org: OrgId, id: TaskId, follow: FollowProgress): Promise<void> => {
  if (follow.signal.aborted) return;
  const { signal, onProgress } = follow;
  let raised = 0;
  let answered = 0;
  let known: Progress | undefined;
  await eachUpdate<number>(
    {
      signal,
      listen: (bring, fail) => {
        const alarm = () => bring(++raised);
        const stops = [watchSuccesses, watchAttestations, watchApprovals].map((watch) => watch(org, id, alarm, fail));
        return () => stops.forEach((stop) => stop());
      },
      // Evidence grows too old without any change.
      read: () => Promise.resolve(++raised),
      join: (_earlier, later) => later,
    },
    async (nth) => {
      if (nth <= answered) return;
      await delay(gatherMs, undefined, { signal });
      answered = raised;
      const items = await getProgress(org, id);
      if (isDeepStrictEqual(items, known)) return;
      known = items;
      await onProgress(items);
    },
  );
};
