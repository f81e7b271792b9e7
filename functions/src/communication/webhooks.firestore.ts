// Webhooks, under `orgs/{org}/webhooks`, and their secrets, in a collection of their own that no security rule opens.
import type { CollectionReference } from 'firebase-admin/firestore';
import {
  commit,
  commitWithin,
  firestore,
  parseOptional,
  parseSnapshot,
  readable,
  readDocument,
  readDocuments,
  readQuery,
  unchangedSince,
  type Revision,
  type Stored,
} from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { readPage, type PageRequest } from '../platform/page.firestore.ts';
import { communicationErrors } from './errors.ts';
import { webhook, webhookSecret, type Webhook, type WebhookId, type WebhookSecret } from './schemas.ts';

const collectionOf = (org: OrgId, name: string): CollectionReference =>
  firestore().collection('orgs').doc(org).collection(name);
const webhooksOf = (org: OrgId) => collectionOf(org, 'webhooks');
const secretsOf = (org: OrgId) => collectionOf(org, 'webhookSecrets');

/** Every message of the org reads them all. */
export const maxWebhooks = 20;

/** Throws `store.exists` when there is one with that id, and `communication.too_many_webhooks`. */
export const createWebhook = (record: Webhook, secret: WebhookSecret): Promise<Revision> => {
  const all = webhooksOf(record.org);
  const made = all.doc(record.id);
  return commitWithin(
    { among: all.select(), most: maxWebhooks, refusal: communicationErrors.tooManyWebhooks },
    made,
    (batch) => {
      batch.create(made, record);
      batch.create(secretsOf(record.org).doc(record.id), secret);
    },
  );
};

export const findWebhook = async (org: OrgId, id: WebhookId): Promise<Stored<Webhook> | undefined> =>
  parseOptional(webhook, await readDocument(webhooksOf(org).doc(id)));

export const pageOfWebhooks = (org: OrgId, page: PageRequest) =>
  readPage({ schema: webhook, collection: webhooksOf(org) }, page);

/** All webhooks of an org: there are few. One that cannot be read is left out, as its fault must not keep messages from the others. */
export const webhooksOfOrg = async (org: OrgId): Promise<Webhook[]> =>
  (await readQuery(webhooksOf(org))).flatMap((snapshot) => readable(webhook, snapshot)).map(({ value }) => value);

/** Throws `store.conflict` when it was changed since that revision. */
export const updateWebhook = (record: Webhook, seen: Revision): Promise<Revision> => {
  const { url, kinds, to, disabled, updatedAt } = record;
  const changes = { url, kinds, to, disabled, updatedAt };
  return commit((batch) => batch.update(webhooksOf(record.org).doc(record.id), changes, unchangedSince(seen)));
};

/** Deletes its secret as well. Throws `store.conflict` when it was changed since that revision. */
export const deleteWebhook = (org: OrgId, id: WebhookId, seen: Revision): Promise<Revision> =>
  commit((batch) => {
    batch.delete(webhooksOf(org).doc(id), unchangedSince(seen));
    batch.delete(secretsOf(org).doc(id));
  });

/** Throws `store.conflict` when it was replaced since that revision, or the webhook was deleted. */
export const replaceSecret = (org: OrgId, id: WebhookId, secret: WebhookSecret, seen: Revision): Promise<Revision> =>
  commit((batch) => batch.update(secretsOf(org).doc(id), { ...secret }, unchangedSince(seen)));

export const findSecret = async (org: OrgId, id: WebhookId): Promise<Stored<WebhookSecret> | undefined> =>
  parseOptional(webhookSecret, await readDocument(secretsOf(org).doc(id)));

/** A webhook with its secret, or undefined when it was deleted. */
export const findEndpoint = async (
  org: OrgId,
  id: WebhookId,
): Promise<{ webhook: Webhook; secret: WebhookSecret } | undefined> => {
  const [record, secret] = await readDocuments([webhooksOf(org).doc(id), secretsOf(org).doc(id)]);
  if (!record?.exists || !secret?.exists) return undefined;
  return { webhook: parseSnapshot(webhook, record).value, secret: parseSnapshot(webhookSecret, secret).value };
};
