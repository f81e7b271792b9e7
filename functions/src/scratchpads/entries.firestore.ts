// What specialists noted, as it was committed with their results. `merged` says whether the sections hold it as well.
import type { WriteBatch } from 'firebase-admin/firestore';
import { z } from 'zod';
import { firestore, parseSnapshot, readDocuments, readQuery } from '../platform/firestore.ts';
import { instant, type OrgId } from '../platform/schemas.ts';
import type { PendingNote } from './pad.ts';
import { entry, type Entry } from './schemas.ts';

const taskRef = (org: OrgId, task: string) => firestore().collection('orgs').doc(org).collection('tasks').doc(task);

const entriesOf = (org: OrgId, task: string) => taskRef(org, task).collection('scratchpad');

/** Puts an assignment's notes into the commit of its result. Reads nothing, and no two assignments write the same document. */
export const writeEntry = (batch: WriteBatch, written: Entry): void => {
  batch.set(entriesOf(written.org, written.task).doc(written.assignment), { ...written, merged: false });
};

/** Puts into the commit of a merge that the sections hold the notes of an assignment. */
export const markMerged = (
  batch: WriteBatch,
  { org, task }: { org: OrgId; task: string },
  assignment: string,
): void => {
  batch.update(entriesOf(org, task).doc(assignment), { merged: true });
};

/** All notes of a task, merged or not, in the order of the plan. */
export const entriesOfTask = async (org: OrgId, task: string): Promise<Entry[]> => {
  const found = await readQuery(entriesOf(org, task));
  return found.map((snapshot) => parseSnapshot(entry, snapshot).value).sort((a, b) => a.ordinal - b.ordinal);
};

const beginning = z.object({ startedAt: instant.nullable() });

/** The notes that no section holds yet, by plan order, each with when its assignment began. */
export const pendingNotes = async (org: OrgId, task: string): Promise<PendingNote[]> => {
  const found = await readQuery(entriesOf(org, task).where('merged', '==', false));
  const entries = found.map((snapshot) => parseSnapshot(entry, snapshot).value).sort((a, b) => a.ordinal - b.ordinal);
  const assignments = taskRef(org, task).collection('assignments');
  const workedOn = await readDocuments(entries.map(({ assignment }) => assignments.doc(assignment)));
  return entries.map((each, index) => ({
    entry: each,
    began: beginning.safeParse(workedOn[index]?.data()).data?.startedAt ?? null,
  }));
};
