import type { WriteBatch } from 'firebase-admin/firestore';
import { firestore, parseSnapshot, readQuery } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { entry, type Entry } from './schemas.ts';

const entriesOf = (org: OrgId, task: string) =>
  firestore().collection('orgs').doc(org).collection('tasks').doc(task).collection('scratchpad');

/** Puts an assignment's notes into the commit of its result. */
export const writeEntry = (batch: WriteBatch, written: Entry): void => {
  batch.set(entriesOf(written.org, written.task).doc(written.assignment), written);
};

/** All notes of a task, in the order of the plan. */
export const entriesOfTask = async (org: OrgId, task: string): Promise<Entry[]> => {
  const found = await readQuery(entriesOf(org, task));
  return found.map((snapshot) => parseSnapshot(entry, snapshot).value).sort((a, b) => a.ordinal - b.ordinal);
};
