// The sections of a task's scratchpad and all their revisions, under `orgs/{org}/tasks/{task}/padSections`. Revisions are read by
// their numbers, which have no gaps (P2 of sections.ts): no query, no index.
import { randomUUID } from 'node:crypto';
import type { DocumentReference, Query } from 'firebase-admin/firestore';
import { z } from 'zod';
import { isError } from '../platform/errors.ts';
import {
  commit,
  firestore,
  listen,
  parseOptional,
  parseSnapshot,
  readDocument,
  readQuery,
  storeErrors,
  unchangedSince,
  type Stored,
  type Batch,
} from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { slicesOfNamed } from '../platform/slices.ts';
import { markMerged } from './entries.firestore.ts';
import type { Draft, Pad } from './pad.ts';
import { revision, section, type Revision, type Section } from './schemas.ts';

const taskRef = (org: OrgId, task: string): DocumentReference =>
  firestore().collection('orgs').doc(org).collection('tasks').doc(task);
const sectionsOf = (org: OrgId, task: string) => taskRef(org, task).collection('padSections');
const revisionRef = (org: OrgId, task: string, { section: id, number }: RevisionKey): DocumentReference =>
  sectionsOf(org, task).doc(id).collection('padRevisions').doc(String(number).padStart(6, '0'));

export type RevisionKey = Pick<Revision, 'section' | 'number'>;

export const sectionsOfTask = async (org: OrgId, task: string): Promise<Stored<Section>[]> =>
  (await readQuery(sectionsOf(org, task))).map((snapshot) => parseSnapshot(section, snapshot));

const head = section.pick({ id: true, number: true });

/** A section, as far as it says how many revisions there are. */
export type Head = z.output<typeof head>;

export const headsOfSections = async (org: OrgId, task: string): Promise<Head[]> =>
  (await readQuery(sectionsOf(org, task).select('id', 'number'))).map((each) => parseSnapshot(head, each).value);

/** Calls `onChange` with the heads of all sections whenever one changes, until the returned function is called. */
export const watchSections = (
  org: OrgId,
  task: string,
  onChange: (heads: Head[]) => void,
  onError: (error: unknown) => void,
): (() => void) => {
  const query: Query = sectionsOf(org, task);
  return listen(query, ({ docs }) => onChange(docs.map((snapshot) => parseSnapshot(head, snapshot).value)), onError);
};

/** The revisions named, in that order, slice by slice; one that is missing is an error of ours. */
export async function* slicesOfRevisions(
  org: OrgId,
  task: string,
  keys: readonly RevisionKey[],
): AsyncGenerator<Revision[]> {
  for await (const slice of slicesOfNamed(keys.map((key) => revisionRef(org, task, key)))) {
    yield slice.map((snapshot) => parseSnapshot(revision, snapshot).value);
  }
}

const maxCommitAttempts = 3;

/**
 * Stores the unsaved revisions of a pad, the sections after them, and that its notes are merged: all or nothing. Throws
 * `store.conflict` or `store.exists` when a section is no longer as the pad has it. When the database does not say whether it
 * committed, the mark on the first revision does.
 */
export const savePad = async (pad: Pad): Promise<void> => {
  const mark = randomUUID();
  for (let attempt = 1; ; attempt++) {
    try {
      await commit((batch) => fill(batch, pad, mark));
      return;
    } catch (error) {
      if (!isError(error, storeErrors.outcomeUnknown) || attempt === maxCommitAttempts) throw error;
      if (await hasMark(pad, mark)) return;
    }
  }
};

const dirty = (pad: Pad): Draft[] => [...pad.sections.values()].filter(({ unsaved }) => unsaved.length > 0);

const fill = (batch: Batch, pad: Pad, mark: string): void => {
  const { org, task } = pad;
  for (const { storedAt, section: after, unsaved } of dirty(pad)) {
    const reference = sectionsOf(org, task).doc(after.id);
    const { number, fields, noted } = after;
    if (storedAt === null) batch.create(reference, after);
    else batch.update(reference, { number, fields, noted }, unchangedSince(storedAt));
    for (const each of unsaved) batch.create(revisionRef(org, task, each), { ...each, commit: mark });
  }
  for (const id of pad.pending) markMerged(batch, pad, id);
};

const hasMark = async (pad: Pad, mark: string): Promise<boolean> => {
  const [first] = dirty(pad).flatMap(({ unsaved }) => unsaved);
  if (!first) return false;
  return (await readDocument(revisionRef(pad.org, pad.task, first))).get('commit') === mark;
};

const titled = z.object({ submission: z.object({ title: z.string() }) });

/** The title of a task of the org; undefined when there is no such task. */
export const titleOfTask = async (org: OrgId, task: string): Promise<string | undefined> =>
  parseOptional(titled, await readDocument(taskRef(org, task)))?.value.submission.title;

export const hasAssignment = async (org: OrgId, task: string, assignment: string): Promise<boolean> =>
  (await readDocument(taskRef(org, task).collection('assignments').doc(assignment))).exists;
