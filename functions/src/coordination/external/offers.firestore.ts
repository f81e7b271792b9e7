// Work that waits for an external agent: for one that asks for it, or for one that has its hands full. An offer is a hint that can be
// late or stale: whoever takes it looks at the assignment itself, and what is not offered any more the sweeper sends again (C5, C9).
import type { Query } from 'firebase-admin/firestore';
import { isError } from '../../platform/errors.ts';
import {
  commit,
  databaseTime,
  firestore,
  listen,
  readable,
  readQuery,
  storeErrors,
  unchangedSince,
  type Stored,
} from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import type { SpecialistId } from '../../agents/index.ts';
import { assignment, priorities, type Assignment } from '../schemas.ts';
import { offer, type Offer } from './schemas.ts';

const offersIn = (org: OrgId) => firestore().collection('orgs').doc(org).collection('offers');
const idOf = ({ task, assignment }: Pick<Offer, 'task' | 'assignment'>) => `${task}.${assignment}`;

/** Offers it to its specialist; one that is offered already keeps its place. Resolves with whether the offer is new. */
export const offerWork = async (assignment: Assignment, now: Date): Promise<boolean> => {
  const { org, task, id, specialist, priority } = assignment;
  const rank = priorities.indexOf(priority);
  const made: Offer = { org, agent: specialist, task, assignment: id, rank, offeredAt: now };
  try {
    await commit((batch) => batch.create(offersIn(org).doc(idOf(made)), made));
    return true;
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return false;
  }
};

const offersTo = (org: OrgId, agent: SpecialistId): Query =>
  offersIn(org).where('agent', '==', agent).orderBy('rank').orderBy('offeredAt');

/**
 * The most urgent offers, of these the oldest. One that cannot be read is taken back, or it would keep its place before others for
 * ever: the work is offered again.
 */
export const bestOffers = async (org: OrgId, agent: SpecialistId, limit: number): Promise<Stored<Offer>[]> => {
  const snapshots = await readQuery(offersTo(org, agent).limit(limit));
  const read = snapshots.map((snapshot) => ({ snapshot, offers: readable(offer, snapshot) }));
  const unreadable = read.filter(({ offers }) => offers.length === 0);
  if (unreadable.length === 0) return read.flatMap(({ offers }) => offers);
  await commit((batch) => {
    for (const { snapshot } of unreadable) batch.delete(snapshot.ref);
  });
  return bestOffers(org, agent, limit);
};

/** Takes an offer back, unless it was made again since. Throws `store.conflict` then. */
export const dropOffer = ({ value, revision }: Stored<Offer>) =>
  commit((batch) => batch.delete(offersIn(value.org).doc(idOf(value)), unchangedSince(revision)));

/** Resolves once there is an offer to the agent, `withinMs` have passed, or the signal aborts. */
export const offerComes = async (
  { org, agent, withinMs }: { org: OrgId; agent: SpecialistId; withinMs: number },
  signal: AbortSignal,
): Promise<void> => {
  const first = offersTo(org, agent).limit(1);
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let listening = false;
  const stop = listen(
    first,
    (snapshot) => {
      if (!snapshot.empty) resolve(undefined);
      // The emulator loses some writes that land while a listener registers, so what is there is read once it stands.
      else if (!listening) readQuery(first).then((found) => found.length > 0 && resolve(undefined), reject);
      listening = true;
    },
    reject,
  );
  const timer = setTimeout(() => resolve(undefined), withinMs);
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    stop();
  }
};

const heldBy = (org: OrgId, instance: string): Query =>
  firestore().collectionGroup('assignments').where('org', '==', org).where('owner.instance', '==', instance);

/** How many assignments the agent holds by a lease that is in force; counts no further than `limit`. */
export const countHeld = async (org: OrgId, instance: string, limit: number): Promise<number> => {
  const held = heldBy(org, instance).where('leaseUntil', '>', databaseTime()).limit(limit);
  return (await readQuery(held.select())).length;
};

/** What the agent holds by a lease that has run out, longest ago first: its claim's answer was lost, or it died. */
export const lapsedHolds = async (org: OrgId, instance: string, limit: number): Promise<Stored<Assignment>[]> => {
  const lapsed = heldBy(org, instance).where('leaseUntil', '<=', databaseTime()).orderBy('leaseUntil').limit(limit);
  return (await readQuery(lapsed)).flatMap((snapshot) => readable(assignment, snapshot));
};
