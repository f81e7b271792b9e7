// What the operations of this domain share.
import { webhookAllowPrivate } from '../../config.ts';
import { databaseTime } from '../../platform/firestore.ts';
import type { AttemptOptions } from '../attempt-delivery.ts';

/** How a request of now may reach webhooks. */
export const attemptOptions = (): AttemptOptions => ({
  now: databaseTime(),
  allowPrivate: webhookAllowPrivate.value(),
});
