// Statements from outside about a task's gates, under `orgs/{org}/tasks/{task}/attestations`. They are made once and stay.
import type { CollectionReference, Query } from 'firebase-admin/firestore';
import { commit, firestore, parseOptional, parseSnapshot, readDocument, readQuery } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { attestation, type Attestation } from './schemas.ts';

const attestationsIn = (org: OrgId, task: string): CollectionReference =>
  firestore().collection('orgs').doc(org).collection('tasks').doc(task).collection('attestations');

/** Throws `store.exists` when one of that id is there. */
export const createAttestation = (record: Attestation) =>
  commit((batch) => batch.create(attestationsIn(record.org, record.task).doc(record.id), record));

export const findAttestation = async (org: OrgId, task: string, id: string): Promise<Attestation | undefined> =>
  parseOptional(attestation, await readDocument(attestationsIn(org, task).doc(id)))?.value;

/** All of a task's, in no particular order. */
export const attestationsOfTask = (org: OrgId, task: string): Promise<Attestation[]> => read(attestationsIn(org, task));

/** Newest first. */
export const pageOfAttestations = async (
  org: OrgId,
  task: string,
  { pageSize, pageToken }: { pageSize: number; pageToken?: string | undefined },
): Promise<Attestation[]> => {
  const query = attestationsIn(org, task).orderBy('createdAt', 'desc');
  if (!pageToken) return read(query.limit(pageSize));
  const last = await readDocument(attestationsIn(org, task).doc(pageToken));
  return last.exists ? read(query.startAfter(last).limit(pageSize)) : [];
};

const read = async (query: Query): Promise<Attestation[]> =>
  (await readQuery(query)).map((snapshot) => parseSnapshot(attestation, snapshot).value);
