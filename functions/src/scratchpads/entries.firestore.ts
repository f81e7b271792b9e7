// What specialists noted, as it was committed with their results. `merged` says whether the sections hold it as well.
import type { DocumentSnapshot } from 'firebase-admin/firestore';
import { firestore, readable, readQuery, type Batch } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import type { PendingNote } from './pad.ts';
import { byPlan, entry, entryId, type Entry } from './schemas.ts';

const taskRef = (org: OrgId, task: string) => firestore().collection('orgs').doc(org).collection('tasks').doc(task);

const entriesOf = (org: OrgId, task: string) => taskRef(org, task).collection('scratchpad');

/**
 * Puts an assignment's notes into the commit of its result. Reads nothing, and no two results write the same document. Notes that say
 * nothing count as merged, unless there may be former ones that they take back (P7 of sections.ts).
 */
export const writeEntry = (batch: Batch, written: Entry): void => {
  const merged = Object.keys(written.notes).length === 0 && written.epoch === 1;
  batch.set(entriesOf(written.org, written.task).doc(entryId(written)), { ...written, merged });
};

/** Is there something to merge in the entry that an event brings? */
export const isPending = (snapshot: DocumentSnapshot): boolean => snapshot.get('merged') === false;

/** Puts into the commit of a merge that the sections hold the notes of an entry. */
export const markMerged = (batch: Batch, { org, task }: { org: OrgId; task: string }, id: string): void => {
  batch.update(entriesOf(org, task).doc(id), { merged: true });
};

/** All notes of a task, merged or not, by plan. One entry that cannot be read must not hide the others, here and below. */
export const entriesOfTask = async (org: OrgId, task: string): Promise<Entry[]> =>
  readableByPlan(await readQuery(entriesOf(org, task)));

/** The notes that no section holds yet, by plan, each with when its assignment began. */
export const pendingNotes = async (org: OrgId, task: string): Promise<PendingNote[]> => {
  const found = await readQuery(entriesOf(org, task).where('merged', '==', false));
  return readableByPlan(found).map((each) => ({ entry: each, began: each.began }));
};

const readableByPlan = (found: readonly DocumentSnapshot[]): Entry[] =>
  found
    .flatMap((snapshot) => readable(entry, snapshot))
    .map(({ value }) => value)
    .sort(byPlan);
