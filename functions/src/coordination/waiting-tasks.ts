// How many tasks of an org may wait to be started. The limit protects the other orgs, so it need not hold to the task: a count with each
// task that is handed in would cost what handing in costs. An instance counts with every `countEvery`th task that it takes of an org,
// and with each one while the org is at its limit.
import { coalesced } from '../platform/coalesced.ts';
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { coordinationErrors } from './errors.ts';
import { countWaiting } from './task-store.firestore.ts';

export const maxWaitingTasks = 10_000;
export const countEvery = 100;
/** Of orgs that this instance remembers; one that is forgotten begins anew. */
const maxKnown = 1_000;

/** Says why an org may not hand in one more task now; undefined when it may. `count` tells how many wait. */
export const waitingLimit = (
  count: (org: OrgId) => Promise<number>,
): ((org: OrgId) => Promise<AppError | undefined>) => {
  const takenSince = new Map<OrgId, number>();
  const sharedCount = coalesced<number>(250);
  const remember = (org: OrgId, taken: number): void => {
    takenSince.delete(org);
    takenSince.set(org, taken);
    const [oldest] = takenSince.keys();
    if (takenSince.size > maxKnown && oldest !== undefined) takenSince.delete(oldest);
  };
  return async (org) => {
    const taken = (takenSince.get(org) ?? 0) + 1;
    remember(org, taken);
    if (taken < countEvery) return undefined;
    const waiting = await sharedCount(org, () => count(org));
    const isFull = waiting >= maxWaitingTasks;
    remember(org, isFull ? countEvery : 0);
    return isFull ? refusal(waiting) : undefined;
  };
};

const refusal = (waiting: number) =>
  new AppError(coordinationErrors.tooManyWaiting, { detail: `${waiting} wait, and ${maxWaitingTasks} is the most.` });

export const whyFull = waitingLimit(countWaiting);
