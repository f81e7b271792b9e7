// What the suites of communication share: messages of the org, sent as the engine and the trigger do it.
import { randomUUID } from 'node:crypto';
import { addMessage, type MessageDraft } from '../../../src/communication/index.ts';
import { dispatchMessage } from '../../../src/communication/dispatch-message.ts';
import { findMessage } from '../../../src/communication/messages.firestore.ts';
import { registerWebhook } from '../../../src/communication/register-webhook.ts';
import { webhookSettings, type Message, type UpwardBody } from '../../../src/communication/schemas.ts';
import { messageIdFor } from '../../../src/communication/ids.ts';
import { commit } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';

/** The upward message of the specification. */
export const upward: UpwardBody = {
  agent: 'backend-coordinator',
  status: 'update',
  summary: 'Backend services deployment ready',
  metrics: { api_endpoints: 24, avg_response_time: '95ms', security_score: 'A+', cost_projection: '$120/month' },
  concerns: ['LLM rate limits may impact peak usage', 'Consider caching strategy for expensive operations'],
};

/** The lateral message of the specification. */
export const lateral = {
  from: 'backend-coordinator' as const,
  to: 'frontend-coordinator' as const,
  type: 'api_update',
  content: {
    endpoint: '/api/v1/extraction',
    changes: 'Added pagination support',
    types: 'Updated TypeScript definitions attached',
    migration: 'Backward compatible',
  },
};

export const reportIn = (org: OrgId) =>
  ({ org, key: `report:${randomUUID()}`, kind: 'report', task: null, body: upward }) as const satisfies MessageDraft;

/** Commits a message as the engine does, and nothing more. */
export const add = async (draft: MessageDraft, now: Date): Promise<Message> => {
  await commit((batch) => addMessage(batch, draft, now));
  const stored = await findMessage(draft.org, messageIdFor(draft.org, draft.key));
  if (!stored) throw new Error('The message is not there.');
  return stored.value;
};

/** Commits a message, and does what its trigger does. */
export const send = async (draft: MessageDraft, now: Date): Promise<Message> => {
  const message = await add(draft, now);
  await dispatchMessage(message, { now, allowPrivate: true });
  return message;
};

export const register = async (org: OrgId, settings: object) => {
  const { stored, secret = '' } = await registerWebhook({
    org,
    settings: webhookSettings.parse(settings),
    createdBy: 'operator-1',
    now: new Date(),
    allowPrivate: true,
  });
  return { ...stored.value, secret };
};
