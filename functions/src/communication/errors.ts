import { defineErrors } from '../platform/errors.ts';

export const communicationErrors = defineErrors('communication', {
  messageNotFound: { status: 404, title: 'There is no such message', retry: 'never' },
  webhookNotFound: { status: 404, title: 'There is no such webhook', retry: 'never' },
  deliveryNotFound: { status: 404, title: 'There is no such delivery', retry: 'never' },
  deliveryPending: { status: 409, title: 'The delivery is still being attempted', retry: 'never' },
  keyReused: { status: 409, title: 'The idempotency key was used with another request', retry: 'never' },
  tooManyWebhooks: { status: 422, title: 'The organisation has as many webhooks as it may have', retry: 'never' },
});
