// Approval requests, under `orgs/{org}/approvals`. Every path starts with the org (C8).
import type { CollectionReference, Query } from 'firebase-admin/firestore';
import { addMessage } from '../../communication/index.ts';
import type { Due } from '../../platform/due-records.ts';
import {
  commit,
  firestore,
  listen,
  parseOptional,
  parseSnapshot,
  readDocument,
  readQuery,
  unchangedSince,
  type Revision,
  type Stored,
  type Batch,
} from '../../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { newApproval, type ApprovalDraft } from './approval-state.ts';
import { messageOfRequest } from './message.ts';
import { approval, approvalId, type Approval, type ApprovalId, type ApprovalState } from './schemas.ts';

const approvalsOf = (org: OrgId): CollectionReference =>
  firestore().collection('orgs').doc(org).collection('approvals');

/**
 * Puts a request into the caller's commit, and the message that tells the main coordinator of it: they are there together with
 * what waits for them or not at all (C5). The commit throws `store.exists` when the same key was used before: what it belongs to
 * was committed already.
 */
export const requestApproval = (batch: Batch, draft: ApprovalDraft, now: Date): Approval => {
  const requested = newApproval(draft, now);
  batch.create(approvalsOf(requested.org).doc(requested.id), requested);
  addMessage(batch, messageOfRequest(requested), now);
  return requested;
};

const pendingIn = (org: OrgId, task: string): Query =>
  approvalsOf(org).where('task', '==', task).where('state', '==', 'pending');

export const findApproval = async (org: OrgId, id: ApprovalId): Promise<Stored<Approval> | undefined> =>
  parseOptional(approval, await readDocument(approvalsOf(org).doc(id)));

/** Writes what can change of a request, and what comes with that. Throws `store.conflict` when another change was first. */
export const saveApproval = (
  { revision }: Stored<Approval>,
  after: Approval,
  also: (batch: Batch) => void = () => undefined,
): Promise<Revision> => {
  const { org, id, state, delegatedTo, decision, history, remindAt, wakeAt } = after;
  const changed = { state, delegatedTo, decision, history, remindAt, wakeAt };
  return commit((batch) => {
    batch.update(approvalsOf(org).doc(id), changed, unchangedSince(revision));
    also(batch);
  });
};

export interface ApprovalFilter {
  readonly state?: ApprovalState | undefined;
  readonly task?: string | undefined;
}

/** Newest first. */
export const pageOfApprovals = (
  org: OrgId,
  { state, task, ...page }: ApprovalFilter & PageRequest,
): Promise<Page<Approval>> =>
  readPage({ schema: approval, collection: approvalsOf(org), filter: { state, task } }, page);

/** Every request of a task, oldest first. */
export const approvalsOfTask = async (org: OrgId, task: string): Promise<Approval[]> => {
  const found = await readQuery(approvalsOf(org).where('task', '==', task));
  return found
    .map((snapshot) => parseSnapshot(approval, snapshot).value)
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
};

/** Calls `onChange` at once and whenever a request of the task changes, until the returned function is called. */
export const watchApprovals = (
  org: OrgId,
  task: string,
  onChange: () => void,
  onError: (error: unknown) => void,
): (() => void) => listen(approvalsOf(org).where('task', '==', task), onChange, onError);

/** The requests of a task that nobody has decided. */
export const pendingOfTask = async (org: OrgId, task: string): Promise<ApprovalId[]> => {
  const found = await readQuery(pendingIn(org, task).select());
  return found.map(({ id }) => approvalId.parse(id));
};

/** Requests of all orgs that are to be reminded of or whose deadline has come, longest overdue first. */
export const approvalsToWake = (now: Date): Due<Approval> => ({
  schema: approval,
  collection: 'approvals',
  field: 'wakeAt',
  until: now,
});
