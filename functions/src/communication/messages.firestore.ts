// Messages, under `orgs/{org}/messages`. The document is the outbox: it is written in the commit of the change that it tells of
// (C5), and its creation is what sends it.
import type { CollectionReference } from 'firebase-admin/firestore';
import type { Due } from '../platform/due-records.ts';
import {
  commit,
  firestore,
  parseOptional,
  readDocument,
  unchangedSince,
  type Revision,
  type Stored,
  type Batch,
} from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { messageIdFor } from './ids.ts';
import { readPage, type PageRequest } from '../platform/page.firestore.ts';
import {
  message,
  type LateralBody,
  type Message,
  type MessageId,
  type MessageKind,
  type Recipient,
  type UpwardBody,
} from './schemas.ts';

/** By then its trigger has long sent it, unless something went wrong. */
const forgottenAfterMs = 2 * 60 * 1_000;

const messagesOf = (org: OrgId): CollectionReference => firestore().collection('orgs').doc(org).collection('messages');

interface DraftEnvelope {
  readonly org: OrgId;
  /** Names the cause of the message within the org, e.g. `report:tsk_…`: one cause, one message. */
  readonly key: string;
  readonly task: string | null;
  /** What it is about, as a path of the API, e.g. `approvals/apr_1`. */
  readonly subject?: string;
}

/** Upward messages go to the main coordinator, a lateral one to the coordinator that its body names. */
export type MessageDraft = DraftEnvelope &
  (
    | { readonly kind: Exclude<MessageKind, 'lateral'>; readonly body: UpwardBody }
    | { readonly kind: 'lateral'; readonly body: LateralBody }
  );

/**
 * Puts a message into the caller's commit. A key that was used before fails that commit with `store.exists`, so the key must
 * belong to the change that the commit makes.
 */
export const addMessage = (batch: Batch, draft: MessageDraft, now: Date): void => {
  const record = messageOf(draft, now);
  batch.create(messagesOf(record.org).doc(record.id), record);
};

export const messageOf = ({ key, ...draft }: MessageDraft, now: Date): Message => ({
  ...draft,
  id: messageIdFor(draft.org, key),
  to: draft.kind === 'lateral' ? draft.body.to : 'main-coordinator',
  subject: draft.subject ?? null,
  createdAt: now,
  wakeAt: nextLook(now),
});

export const findMessage = async (org: OrgId, id: MessageId): Promise<Stored<Message> | undefined> =>
  parseOptional(message, await readDocument(messagesOf(org).doc(id)));

/** Notes in the commit that records a message's deliveries that it needs no second look. */
export const markDispatched = (batch: Batch, { org, id }: Message): void => {
  batch.update(messagesOf(org).doc(id), { wakeAt: null });
};

export interface MessageFilter {
  readonly kind?: MessageKind | undefined;
  readonly to?: Recipient | undefined;
  readonly task?: string | undefined;
}

/** Newest first. */
export const pageOfMessages = (org: OrgId, { kind, to, task }: MessageFilter, page: PageRequest) =>
  readPage({ schema: message, collection: messagesOf(org), filter: { kind, to, task } }, page);

/** Messages of all orgs that nobody has sent, longest overdue first. */
export const forgottenMessages = (now: Date): Due<Message> => ({
  schema: message,
  collection: 'messages',
  field: 'wakeAt',
  until: now,
});

/** Moves the sweeper's next look. Throws `store.conflict` when somebody else was faster. */
export const postponeMessage = ({ value: { org, id }, revision }: Stored<Message>, now: Date): Promise<Revision> =>
  commit((batch) => batch.update(messagesOf(org).doc(id), { wakeAt: nextLook(now) }, unchangedSince(revision)));

const nextLook = (now: Date): Date => new Date(now.getTime() + forgottenAfterMs);
