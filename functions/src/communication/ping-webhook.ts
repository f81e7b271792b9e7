// Trying a webhook out: one request that says so, and what came of it. Nothing is recorded and nothing repeated.
import { randomUUID } from 'node:crypto';
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import type { AttemptOptions } from './attempt-delivery.ts';
import { communicationErrors } from './errors.ts';
import { postToEndpoint } from './post-to-endpoint.ts';
import type { Attempt, WebhookId } from './schemas.ts';
import { findEndpoint } from './webhooks.firestore.ts';

/** Also pings a webhook that is disabled: that is when one tries it out. Throws `communication.webhook_not_found`. */
export const pingWebhook = async (org: OrgId, id: WebhookId, options: AttemptOptions): Promise<Attempt> => {
  const endpoint = await findEndpoint(org, id);
  if (!endpoint) throw new AppError(communicationErrors.webhookNotFound);
  const body = JSON.stringify({ kind: 'ping', org, webhook: id, createdAt: options.now.toISOString() });
  const { outcome, status, error, ms } = await postToEndpoint(endpoint, {
    ...options,
    deliveryId: `ping_${randomUUID()}`,
    body,
  });
  return { at: options.now, outcome, status, error, ms };
};
