// Deliveries, under `orgs/{org}/deliveries`: who got which message, and what is still to be tried.
import type { CollectionReference } from 'firebase-admin/firestore';
import type { Due } from '../platform/due-records.ts';
import {
  commit,
  firestore,
  parseOptional,
  parseSnapshot,
  readDocument,
  readQuery,
  unchangedSince,
  type Revision,
  type Stored,
} from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { markDispatched } from './messages.firestore.ts';
import { readPage, type PageRequest } from '../platform/page.firestore.ts';
import {
  delivery,
  type Delivery,
  type DeliveryId,
  type DeliveryState,
  type Message,
  type MessageId,
  type WebhookId,
} from './schemas.ts';

const deliveriesOf = (org: OrgId): CollectionReference =>
  firestore().collection('orgs').doc(org).collection('deliveries');

/**
 * Records the deliveries of a message and that it was dispatched, in one commit. Throws `store.exists` when another had done so
 * before.
 */
export const recordDispatch = (message: Message, deliveries: readonly Delivery[]): Promise<Revision> =>
  commit((batch) => {
    markDispatched(batch, message);
    for (const each of deliveries) batch.create(deliveriesOf(each.org).doc(each.id), each);
  });

/** Throws `store.conflict` when it was changed since that revision: somebody else is at it. */
export const saveDelivery = async (record: Delivery, seen: Revision): Promise<Stored<Delivery>> => {
  const { state, attempts, tries, startedAt, nextAttemptAt, wakeAt } = record;
  const changes = { state, attempts, tries, startedAt, nextAttemptAt, wakeAt };
  const revision = await commit((batch) =>
    batch.update(deliveriesOf(record.org).doc(record.id), changes, unchangedSince(seen)),
  );
  return { value: record, revision };
};

export const findDelivery = async (org: OrgId, id: DeliveryId): Promise<Stored<Delivery> | undefined> =>
  parseOptional(delivery, await readDocument(deliveriesOf(org).doc(id)));

export const deliveriesOfMessage = async (org: OrgId, id: MessageId): Promise<Delivery[]> => {
  const found = await readQuery(deliveriesOf(org).where('message', '==', id));
  return found.map((snapshot) => parseSnapshot(delivery, snapshot).value);
};

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly webhook?: WebhookId | undefined;
}

/** Newest first. */
export const pageOfDeliveries = (org: OrgId, { state, webhook }: DeliveryFilter, page: PageRequest) =>
  readPage({ schema: delivery, collection: deliveriesOf(org), filter: { state, webhook } }, page);

/** Deliveries of all orgs that are due, longest overdue first. Those that are over have no `wakeAt` and are never read. */
export const dueDeliveries = (now: Date): Due<Delivery> => ({
  schema: delivery,
  collection: 'deliveries',
  field: 'wakeAt',
  until: now,
});
