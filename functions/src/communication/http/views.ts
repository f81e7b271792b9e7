// The records as callers see them. What only concerns us stays out: when a sweeper looks, hashes, the org they already know.
import { z } from '@hono/zod-openapi';
import { wire } from '../../platform/http/wire.ts';
import {
  attempt,
  delivery,
  lateralBody,
  messageId,
  messageKind,
  recipient,
  upwardBody,
  webhook,
  webhookChanges,
  webhookSettings,
  type Attempt,
  type Delivery,
  type Message,
  type Webhook,
} from '../schemas.ts';

const time = z.iso.datetime();

// `.extend` makes a schema anew: one that was made before @hono/zod-openapi was loaded has no `.openapi`.

export const lateralView = lateralBody.extend({}).openapi('LateralMessage', {
  example: {
    from: 'backend-coordinator',
    to: 'frontend-coordinator',
    type: 'api_update',
    content: {
      endpoint: '/api/v1/extraction',
      changes: 'Added pagination support',
      types: 'Updated TypeScript definitions attached',
      migration: 'Backward compatible',
    },
  },
});

const upwardView = upwardBody.extend({}).openapi('UpwardMessage');

export const messageView = z
  .object({
    id: messageId,
    kind: messageKind,
    to: recipient,
    task: z.string().nullable(),
    subject: z.string().nullable().openapi({ description: 'What it is about, as a path of this API below `/v1/`.' }),
    body: z.union([upwardView, lateralView]),
    createdAt: time,
  })
  .openapi('Message');

export const viewMessage = ({ id, kind, to, task, subject, body, createdAt }: Message) =>
  wire({ id, kind, to, task, subject, body, createdAt });

export const attemptView = attempt.extend({ at: time }).openapi('DeliveryAttempt');

export const viewAttempt = (record: Attempt) => wire(record);

export const deliveryView = delivery
  .omit({ org: true, tries: true, startedAt: true, wakeAt: true })
  .extend({
    webhook: delivery.shape.webhook.meta({ description: 'Null: the message’s topic.' }),
    attempts: z.array(attemptView),
    nextAttemptAt: time.nullable(),
    createdAt: time,
  })
  .openapi('Delivery');

export const viewDelivery = ({ id, message, webhook, state, attempts, nextAttemptAt, createdAt }: Delivery) =>
  wire({ id, message, webhook, state, attempts, nextAttemptAt, createdAt });

export const messageWithDeliveriesView = messageView
  .extend({ deliveries: z.array(deliveryView) })
  .openapi('MessageWithDeliveries');

export const webhookView = webhook
  .omit({ org: true, requestHash: true })
  .extend({ createdAt: time, updatedAt: time })
  .openapi('Webhook');

export const viewWebhook = ({ org: _org, requestHash: _requestHash, ...shown }: Webhook) => wire(shown);

export const webhookSettingsView = webhookSettings
  .extend({})
  .openapi('WebhookSettings', { example: { url: 'https://example.com/hooks/backend' } });

export const webhookChangesView = webhookChanges.extend({}).openapi('WebhookChanges', { example: { disabled: true } });

export const registeredView = webhookView
  .extend({
    secret: z
      .string()
      .optional()
      .openapi({ description: 'Signs what is posted. Told this once; a replayed request is answered without it.' }),
  })
  .openapi('RegisteredWebhook');
