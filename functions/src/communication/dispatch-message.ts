// Sending a message that was committed: to its topic and to the webhooks that want it. It may run twice, or be cut short: the
// topic gets the message once or more, it and each webhook have one delivery (C9), and whatever is left is found by the sweeper (C5).
// None of them waits for another to succeed.
import * as logger from 'firebase-functions/logger';
import { describeError, isError } from '../platform/errors.ts';
import { storeErrors } from '../platform/firestore.ts';
import { attemptDelivery, type AttemptOptions } from './attempt-delivery.ts';
import { beginDelivery, endAttempt, endedAt } from './delivery.ts';
import { recordDispatch } from './deliveries.firestore.ts';
import { wants } from './payload.ts';
import { publishToTopic } from './publish-to-topic.ts';
import type { Delivery, Message } from './schemas.ts';
import { webhooksOfOrg } from './webhooks.firestore.ts';

/** Publishes, records how that ended and the deliveries to webhooks with their first attempts begun, and makes these. */
export const dispatchMessage = async (message: Message, options: AttemptOptions): Promise<void> => {
  const [webhooks, toTopic] = await Promise.all([webhooksOfOrg(message.org), published(message, options.now)]);
  const toWebhooks = webhooks
    .filter((each) => wants(each, message))
    .map((each) => beginDelivery(message, each.id, options.now));
  const revision = await recordOnce(message, [toTopic, ...toWebhooks]);
  if (revision === undefined) return;
  await Promise.all(toWebhooks.map((value) => attemptOrLeave({ value, revision }, message, options)));
};

/** The delivery to the topic after its first attempt: one commit records it and that the message is out. */
const published = async (message: Message, now: Date): Promise<Delivery> => {
  const outcome = await publishToTopic(message);
  return endAttempt(beginDelivery(message, null, now), outcome, endedAt(now, outcome), Math.random());
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
    logger.warn('An attempt was cut short', {
      org: message.org,
      delivery: delivery.value.id,
      cause: describeError(error),
    });
  }
};
