// What the soak reads of the database when it is over.
import type { Firestore } from 'firebase-admin/firestore';
import { lateResultsIn } from './late-results.ts';
import { recoveryOf, type Interruption, type Recovery, type TimedEvent } from './recovery.ts';

/** Events of a task with the times of their writes. */
const eventsOf = async (database: Firestore, org: string, task: string): Promise<TimedEvent[]> => {
  const events = database.collection('orgs').doc(org).collection('tasks').doc(task).collection('events');
  const { docs } = await events.select('stream', 'seq', 'type').get();
  return docs.map((found) => ({
    stream: String(found.get('stream')),
    seq: Number(found.get('seq')),
    type: String(found.get('type')),
    at: found.createTime.toMillis(),
  }));
};

/** How long each interrupted task and claim took to go on; a task at a time, so that memory stays small. */
export const recoveriesOf = async (
  database: Firestore,
  interruptions: readonly Interruption[],
): Promise<Recovery[]> => {
  const recoveries: Recovery[] = [];
  for (const [, ofTask] of Map.groupBy(interruptions, ({ org, task }) => `${org} ${task}`)) {
    const [first] = ofTask;
    if (!first) continue;
    const events = await eventsOf(database, first.org, first.task);
    for (const interruption of ofTask) {
      const recovery = recoveryOf(interruption, events);
      if (recovery) recoveries.push(recovery);
    }
  }
  return recoveries;
};

/** Results that came after another run had claimed the work: refused, and only their spend was written down. */
export const countLateResults = async (database: Firestore): Promise<number> => {
  const types = ['assignment.started', 'assignment.spend_recorded'];
  const events = database.collectionGroup('events').where('type', 'in', types);
  const { docs } = await events.select('stream', 'seq', 'type', 'data.epoch').get();
  return lateResultsIn(
    docs.map((found) => ({
      stream: `${found.ref.parent.path} ${String(found.get('stream'))}`,
      seq: Number(found.get('seq')),
      type: String(found.get('type')),
      epoch: Number(found.get('data.epoch')),
    })),
  );
};

/** Claims whose model calls nobody can know: the price of a kill. */
export const countUnknownClaims = async (database: Firestore): Promise<number> => {
  const lost = database.collectionGroup('events').where('data.lostCall', '==', true);
  return (await lost.count().get()).data().count;
};

/** Tasks that are over and of which something is still to be done, such as cancelling their assignments. */
export const countUntidied = async (database: Firestore): Promise<number> => {
  const over = database.collectionGroup('tasks').where('state', 'in', ['completed', 'failed', 'canceled', 'rejected']);
  return (await over.where('wakeAt', '!=', null).count().get()).data().count;
};

/** Messages that were kept because they could not be used; a soak sends none of that sort. */
export const deadLettersOf = async (database: Firestore, orgs: readonly string[]): Promise<string[]> => {
  const found = await Promise.all(
    orgs.map(async (org) => database.collection('orgs').doc(org).collection('deadLetters').get()),
  );
  return found.flatMap(({ docs }) =>
    docs.map((letter) => `${letter.ref.path}: ${JSON.stringify(letter.get('reason'))}`),
  );
};
