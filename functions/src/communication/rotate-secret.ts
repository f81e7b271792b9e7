// Giving a webhook a new secret. The one before signs beside it for a day, so that a receiver can change over without missing
// anything.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { newWebhookSecret } from '../platform/webhook.ts';
import { communicationErrors } from './errors.ts';
import type { WebhookId } from './schemas.ts';
import { findSecret, replaceSecret } from './webhooks.firestore.ts';

const overlapMs = 24 * 60 * 60 * 1_000;

/** Throws `communication.webhook_not_found`, and `store.conflict` when two do it at once: one secret is told, and it is valid. */
export const rotateSecret = async (
  org: OrgId,
  id: WebhookId,
  now: Date,
): Promise<{ secret: string; previousValidUntil: Date }> => {
  const stored = await findSecret(org, id);
  if (!stored) throw new AppError(communicationErrors.webhookNotFound);
  const secret = newWebhookSecret();
  const until = new Date(now.getTime() + overlapMs);
  const previous = { secret: stored.value.current, until };
  await replaceSecret(org, id, { org, current: secret, previous }, stored.revision);
  return { secret, previousValidUntil: until };
};
