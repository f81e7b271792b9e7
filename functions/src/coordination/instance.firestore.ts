// Which instances are alive. A run's lease is its instance's heartbeat: one small document per instance, however much runs on it,
// instead of one renewal per assignment. Times compared are the database's own, so skewed clocks do not matter.
import { randomUUID } from 'node:crypto';
import { FieldValue, type WriteBatch } from 'firebase-admin/firestore';
import { commit, firestore, readDocument, revisionOf } from '../platform/firestore.ts';
import type { Revision } from '../platform/firestore.ts';
import type { Owner } from './schemas.ts';

/** An instance is taken for dead when its heartbeat is older. */
const leaseMs = 5_000;
const heartbeatMs = 1_500;
const keepMs = 24 * 60 * 60 * 1_000;

export const instanceId = randomUUID();

const instanceRef = (id: string) => firestore().collection('instances').doc(id);

const activeRuns = new Set<string>();
let timer: NodeJS.Timeout | undefined;
let lastBeat = 0;

/** Adds this instance's heartbeat to a commit when it is due, so that starting a run costs no commit of its own. */
export const writeHeartbeat = (batch: WriteBatch, now: Date): void => {
  if (now.getTime() - lastBeat < heartbeatMs) return;
  lastBeat = now.getTime();
  batch.set(instanceRef(instanceId), {
    beatAt: FieldValue.serverTimestamp(),
    expiresAt: new Date(now.getTime() + keepMs),
  });
};

const beat = async (): Promise<void> => {
  const now = new Date();
  if (now.getTime() - lastBeat < heartbeatMs) return;
  // A missed beat is made up for by the next one; a run whose lease is lost finds out at its commit.
  await commit((batch) => writeHeartbeat(batch, now)).catch(() => undefined);
};

/** Keeps this instance's heartbeat going while `work` runs. */
export const whileAlive = async <T>(run: string, work: () => Promise<T>): Promise<T> => {
  activeRuns.add(run);
  timer ??= setInterval(() => void beat(), heartbeatMs / 3);
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

/** Is the owner of a run still at work? `claimedAt` is the revision that its claim was written at. */
export const isAlive = async (owner: Owner, claimedAt: Revision): Promise<boolean> => {
  if (owner.instance === instanceId) return activeRuns.has(owner.run);
  const snapshot = await readDocument(instanceRef(owner.instance));
  const lastSign = Math.max(millis(claimedAt), snapshot.updateTime ? millis(revisionOf(snapshot.updateTime)) : 0);
  return snapshot.readTime.toMillis() - lastSign <= leaseMs;
};

const millis = (revision: Revision): number => {
  const [seconds, nanoseconds] = revision.split('.');
  return Number(seconds) * 1_000 + Number(nanoseconds) / 1e6;
};
