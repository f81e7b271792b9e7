// Sending a message that was committed: to its topic and to the webhooks that want it. It may run twice, or be cut short: the
// topic gets the message once or more, each webhook has one delivery (C9), and whatever is left is found by the sweeper (C5).
import * as logger from 'firebase-functions/logger';
import { isError } from '../platform/errors.ts';
import { storeErrors } from '../platform/firestore.ts';
import { attemptDelivery, type AttemptOptions } from './attempt-delivery.ts';
import { beginDelivery } from './delivery.ts';
import { recordDispatch } from './deliveries.firestore.ts';
import { wants } from './payload.ts';
import { publishMessage } from './publish-message.pubsub.ts';
import type { Delivery, Message } from './schemas.ts';
import { webhooksOfOrg } from './webhooks.firestore.ts';

/** Publishes, records the deliveries with their first attempts begun, and makes these. */
export const dispatchMessage = async (message: Message, options: AttemptOptions): Promise<void> => {
  const [webhooks] = await Promise.all([webhooksOfOrg(message.org), publishMessage(message)]);
  const deliveries = webhooks
    .filter((each) => wants(each, message))
    .map((each) => beginDelivery(message, each.id, options.now));
  const revision = await recordOnce(message, deliveries);
  if (revision === undefined) return;
  await Promise.all(deliveries.map((value) => attemptOrLeave({ value, revision }, message, options)));
};

/** Undefined when another run has recorded them: it makes the attempts, or the sweeper does. */
const recordOnce = async (message: Message, deliveries: readonly Delivery[]): Promise<string | undefined> => {
  try {
    return await recordDispatch(message, deliveries);
  } catch (error) {
    if (isError(error, storeErrors.exists)) return undefined;
    throw error;
  }
};

/** The message is out; an attempt that we could not make is the sweeper's, and no reason to send the message again. */
const attemptOrLeave = async (...[delivery, message, options]: Parameters<typeof attemptDelivery>): Promise<void> => {
  try {
    await attemptDelivery(delivery, message, options);
  } catch (error) {
    logger.warn('An attempt was cut short', { org: message.org, delivery: delivery.value.id, error });
  }
};
