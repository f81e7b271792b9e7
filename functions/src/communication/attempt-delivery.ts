// Making an attempt that is on record already, and recording what came of it (C3).
import { isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import { endAttempt, endedAt, type Outcome } from './delivery.ts';
import { saveDelivery } from './deliveries.firestore.ts';
import { webhookBody } from './payload.ts';
import { postToEndpoint } from './post-to-endpoint.ts';
import { publishToTopic } from './publish-to-topic.ts';
import type { Delivery, Message } from './schemas.ts';
import { findEndpoint } from './webhooks.firestore.ts';

export interface AttemptOptions {
  readonly now: Date;
  /** For development: permits webhooks that are not on the public internet. */
  readonly allowPrivate: boolean;
}

/**
 * Posts or publishes the message of a delivery whose attempt has begun, and resolves with the delivery after it. Should somebody else have taken
 * the delivery over meanwhile, this attempt stays `unknown` on record.
 */
export const attemptDelivery = async (
  { value, revision }: Stored<Delivery>,
  message: Message,
  { now, allowPrivate }: AttemptOptions,
): Promise<Delivery> => {
  const outcome = await outcomeOf(value, message, { now, allowPrivate });
  const after = endAttempt(value, outcome, endedAt(now, outcome), Math.random());
  try {
    return (await saveDelivery(after, revision)).value;
  } catch (error) {
    if (isError(error, storeErrors.conflict)) return value;
    throw error;
  }
};

const outcomeOf = async (value: Delivery, message: Message, options: AttemptOptions): Promise<Outcome> => {
  if (value.webhook === null) return publishToTopic(message);
  const endpoint = await findEndpoint(value.org, value.webhook);
  if (!endpoint || endpoint.webhook.disabled) return switchedOff;
  return postToEndpoint(endpoint, { deliveryId: value.id, body: webhookBody(message), ...options });
};

const switchedOff: Outcome = {
  outcome: 'unreachable',
  status: null,
  error: 'The webhook is disabled or deleted.',
  ms: 0,
  final: true,
};
