// Which instances are alive. A run's lease is its instance's heartbeat: one small document per instance, however much runs on it,
// instead of one renewal per assignment. Times compared are the database's own, so skewed clocks do not matter. The heartbeat names
// the runs: one that ended without being able to say so is nobody's, though its instance lives.
//
// A record whose beat is too old is that of an instance which died, was frozen, or has nothing to do any more. Whoever sees it first
// takes it up, for as long as a lease, looks after what that instance left, and deletes the record: one does, however many see it.
// An instance that was only frozen finds its claims gone at its next commit.
import { randomUUID } from 'node:crypto';
import { FieldValue, Timestamp, type DocumentSnapshot } from 'firebase-admin/firestore';
import { z } from 'zod';
import { leaseMs } from '../config.ts';
import { isError } from '../platform/errors.ts';
import {
  commit,
  contentOf,
  databaseNow,
  firestore,
  isLostRace,
  readDocument,
  readQuery,
  revisionOf,
  storeErrors,
  unchangedSince,
  type Batch,
  type Revision,
} from '../platform/firestore.ts';
import type { Owner } from './schemas.ts';

/** Three beats fit into a lease: one may be lost, one may be late. */
const heartbeatMs = () => leaseMs.value() / 3;
const keepMs = 24 * 60 * 60 * 1_000;

export const instanceId = randomUUID();

const instances = () => firestore().collection('instances');

const activeRuns = new Set<string>();
let timer: NodeJS.Timeout | undefined;
let lastBeat = 0;

/** Adds this instance's heartbeat to a commit when it is due, so that starting a run costs no commit of its own. */
export const writeHeartbeat = (batch: Batch, now: Date): void => {
  if (now.getTime() - lastBeat < heartbeatMs()) return;
  lastBeat = now.getTime();
  batch.set(instances().doc(instanceId), {
    beatAt: FieldValue.serverTimestamp(),
    runs: [...activeRuns],
    expiresAt: new Date(now.getTime() + keepMs),
  });
};

const beat = async (): Promise<void> => {
  const now = new Date();
  if (now.getTime() - lastBeat < heartbeatMs()) return;
  // A missed beat is made up for by the next one; a run whose lease is lost finds out at its commit.
  await commit((batch) => writeHeartbeat(batch, now)).catch(() => undefined);
};

let onPulse: (() => Promise<void>) | undefined;
let pulsing = false;

/** What this instance does now and then while it works: look for others that died. */
export const whileWorking = (pulse: () => Promise<void>): void => {
  onPulse = pulse;
};

const pulse = async (): Promise<void> => {
  await beat();
  if (pulsing || !onPulse) return;
  pulsing = true;
  // What fails now is found by the next pulse, or by the sweeper.
  await onPulse().catch(() => undefined);
  pulsing = false;
};

/** Keeps this instance's heartbeat going while `work` runs. */
export const whileAlive = async <T>(run: string, work: () => Promise<T>): Promise<T> => {
  activeRuns.add(run);
  timer ??= setInterval(() => void pulse(), heartbeatMs() / 2);
  try {
    return await work();
  } finally {
    activeRuns.delete(run);
    if (activeRuns.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  }
};

/** What somebody holds: the owner, and the lease when it is an external agent's. */
interface Holding {
  readonly owner: Owner | null;
  readonly leaseUntil?: Date | null;
}

/** Is the holder still at work? What was claimed within a lease may be younger than the heartbeat, and counts as alive by itself. */
export const isAlive = async ({ owner, leaseUntil }: Holding, claimedAt: Date): Promise<boolean> => {
  if (!owner) return false;
  if (leaseUntil) return leaseUntil.getTime() > databaseNow();
  if (owner.instance === instanceId) return activeRuns.has(owner.run);
  const snapshot = await readDocument(instances().doc(owner.instance));
  const now = snapshot.readTime.toMillis();
  const { beatAt, runs } = beatIn(snapshot);
  return isFresh(claimedAt, now) || (isFresh(beatAt, now) && runs.includes(owner.run));
};

/** Was it less than a lease ago? */
const isFresh = (sign: Date, nowMs: number): boolean => nowMs - sign.getTime() <= leaseMs.value();

/** How long until it is a lease ago; 0 when it is. */
export const freshForMs = (sign: Date): number => Math.max(0, sign.getTime() + leaseMs.value() + 1 - databaseNow());

const heartbeat = z.object({
  beatAt: z.instanceof(Timestamp).transform((at) => at.toDate()),
  runs: z.array(z.string()),
});
const noBeat: z.output<typeof heartbeat> = { beatAt: new Date(0), runs: [] };

/** A record that is not there, or cannot be read, is no sign of life. */
const beatIn = (snapshot: DocumentSnapshot) => heartbeat.safeParse(contentOf(snapshot)).data ?? noBeat;

export interface SilentInstance {
  readonly id: string;
  readonly lastBeatAt: Date;
  readonly revision: Revision;
}

const maxSilent = 20;

/** Instances whose lease has run out and that nobody has taken up, longest silent first. */
export const silentInstances = async (): Promise<SilentInstance[]> => {
  const found = await readQuery(
    instances()
      .where('beatAt', '<', new Date(databaseNow() - leaseMs.value()))
      .orderBy('beatAt')
      .limit(maxSilent),
  );
  return found
    .filter(
      ({ id, updateTime, readTime }) =>
        id !== instanceId && readTime.toMillis() - updateTime.toMillis() > leaseMs.value(),
    )
    .map((snapshot) => ({
      id: snapshot.id,
      lastBeatAt: beatIn(snapshot).beatAt,
      revision: revisionOf(snapshot.updateTime),
    }));
};

/** The record as taken up; undefined when somebody else has, or the instance has beaten again. */
export const takeUpInstance = async (silent: SilentInstance): Promise<SilentInstance | undefined> => {
  const record = instances().doc(silent.id);
  const take = (batch: Batch) => batch.update(record, { takenUpBy: instanceId }, unchangedSince(silent.revision));
  try {
    return { ...silent, revision: await commit(take) };
  } catch (error) {
    if (isLostRace(error)) return undefined;
    if (!isError(error, storeErrors.outcomeUnknown)) throw error;
    const found = await readDocument(record);
    const revision = found.updateTime && revisionOf(found.updateTime);
    if (!revision || revision === silent.revision || found.get('takenUpBy') !== instanceId) throw error;
    return { ...silent, revision };
  }
};

/** Deletes the record of an instance that was looked after, unless it has beaten again meanwhile. */
export const forgetInstance = async ({ id, revision }: SilentInstance): Promise<void> => {
  await commit((batch) => batch.delete(instances().doc(id), unchangedSince(revision))).catch(() => undefined);
};
