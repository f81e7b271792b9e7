// Statements from outside about a task's gates, under `orgs/{org}/tasks/{task}/attestations`, and about the org as a whole, under
// `orgs/{org}/attestations`. They are made once and stay.
import type { CollectionReference } from 'firebase-admin/firestore';
import {
  commit,
  firestore,
  listen,
  parseOptional,
  parseSnapshot,
  readDocument,
  readQuery,
  type Batch,
} from '../../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { attestation, type Attestation } from './schemas.ts';

/** Of the org as a whole when there is no task. */
const attestationsIn = (org: OrgId, task: string | null): CollectionReference => {
  const home = firestore().collection('orgs').doc(org);
  return (task === null ? home : home.collection('tasks').doc(task)).collection('attestations');
};

/** Writes it with what goes out because of it. Throws `store.exists` when one of that id is there. */
export const createAttestation = (record: Attestation, also: (batch: Batch) => void) =>
  commit((batch) => {
    batch.create(attestationsIn(record.org, record.task).doc(record.id), record);
    also(batch);
  });

export const findAttestation = async (org: OrgId, task: string | null, id: string): Promise<Attestation | undefined> =>
  parseOptional(attestation, await readDocument(attestationsIn(org, task).doc(id)))?.value;

/** All of a task's, in no particular order. */
export const attestationsOfTask = async (org: OrgId, task: string): Promise<Attestation[]> =>
  (await readQuery(attestationsIn(org, task))).map((snapshot) => parseSnapshot(attestation, snapshot).value);

/** More checks than an org has, several times over. */
const maxOfOrg = 100;

/** What was attested of the org as a whole since then, newest first. */
export const attestationsOfOrg = async (org: OrgId, since: Date): Promise<Attestation[]> => {
  const recent = attestationsIn(org, null).where('at', '>=', since).orderBy('at', 'desc').limit(maxOfOrg);
  return (await readQuery(recent)).map((snapshot) => parseSnapshot(attestation, snapshot).value);
};

/** Calls `onChange` at once and whenever something is attested of the task, until the returned function is called. */
export const watchAttestations = (
  org: OrgId,
  task: string,
  onChange: () => void,
  onError: (error: unknown) => void,
): (() => void) => listen(attestationsIn(org, task), onChange, onError);

/** Newest first. */
export const pageOfAttestations = (org: OrgId, task: string | null, page: PageRequest): Promise<Page<Attestation>> =>
  readPage({ schema: attestation, collection: attestationsIn(org, task) }, page);
