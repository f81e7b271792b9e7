import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { keyOfCaller } from '../../platform/idempotency.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import {
  answer,
  bearer,
  etagHeader,
  etagOf,
  idempotencyKeyHeader,
  ifMatchHeader,
  ifUnchanged,
  madeHeaders,
  operators,
  seenRevision,
} from '../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import { changeWebhook, getWebhook, registerWebhook, removeWebhook } from '../register-webhook.ts';
import { webhookId } from '../schemas.ts';
import { pageOfWebhooks } from '../webhooks.firestore.ts';
import { attemptOptions } from './operation.ts';
import { registeredView, viewWebhook, webhookChangesView, webhookSettingsView, webhookView } from './views.ts';

const tags = ['Webhooks'];
const security = bearer;
const params = z.object({ webhook: webhookId.meta({ example: 'whk_5d2e8f7a90b1c3d4e6f7' }) });

const register = createRoute({
  method: 'post',
  path: '/v1/webhooks',
  operationId: 'registerWebhook',
  summary: 'Have messages posted to a URL',
  description:
    'Each message that fits `kinds` and `to` is posted at least once, signed with the secret as in Standard Webhooks: `Webhook-Id` is the same whenever it is repeated.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    headers: idempotencyKeyHeader(),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: webhookSettingsView,
        },
      },
    },
  },
  responses: {
    201: {
      ...answer(registeredView, 'The webhook, with its secret.'),
      headers: etagHeader.extend(madeHeaders('The webhook', 'webhooks/whk_5d2e8f7a90b1c3d4e6f7').shape),
    },
    ...problems(400, 401, 403, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/webhooks',
  operationId: 'listWebhooks',
  summary: 'List the webhooks, newest first',
  description: 'Disabled ones too. Their secrets are never shown again.',
  tags,
  security,
  middleware: operators,
  request: { query: z.object({ pageSize, pageToken: webhookId.optional() }) },
  responses: {
    200: answer(
      z.object({ webhooks: z.array(webhookView), nextPageToken }).openapi('WebhookPage'),
      'A page of webhooks.',
    ),
    ...problems(400, 401, 403),
  },
});

const withEtag = { ...answer(webhookView, 'The webhook.'), headers: etagHeader };

const read = createRoute({
  method: 'get',
  path: '/v1/webhooks/{webhook}',
  operationId: 'getWebhook',
  summary: 'Read a webhook',
  description: 'The `ETag` is what `If-Match` takes.',
  tags,
  security,
  middleware: operators,
  request: { params },
  responses: { 200: withEtag, ...problems(400, 401, 403, 404) },
});

const change = createRoute({
  method: 'patch',
  path: '/v1/webhooks/{webhook}',
  operationId: 'changeWebhook',
  summary: 'Change what a webhook gets, where it is, or whether it is in use',
  description: 'What is left out stays as it is.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    params,
    headers: ifMatchHeader,
    body: { required: true, content: { 'application/json': { schema: webhookChangesView } } },
  },
  responses: { 200: withEtag, ...problems(400, 401, 403, 404, 412, 413, 415, 422, 428) },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/webhooks/{webhook}',
  operationId: 'deleteWebhook',
  summary: 'Delete a webhook and its secret',
  description: 'What was still to be delivered to it has failed.',
  tags,
  security,
  middleware: operators,
  request: { params, headers: ifMatchHeader },
  responses: { 204: { description: 'It is gone.' }, ...problems(400, 401, 403, 404, 412, 428) },
});

export const webhookRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(register, async (c) => {
      const { org, uid } = c.get('caller');
      const { stored, secret } = await registerWebhook({
        org,
        settings: c.req.valid('json'),
        key: keyOfCaller(uid, c.req.valid('header')['Idempotency-Key']),
        createdBy: uid,
        ...attemptOptions(),
      });
      c.header('Location', `webhooks/${stored.value.id}`);
      c.header('ETag', etagOf(stored.revision));
      if (secret === undefined) c.header('Idempotent-Replayed', 'true');
      return c.json({ ...viewWebhook(stored.value), secret }, 201);
    })
    .openapi(list, async (c) => {
      const { records, nextPageToken } = await pageOfWebhooks(c.get('caller').org, c.req.valid('query'));
      return c.json({ webhooks: records.map(viewWebhook), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const { value, revision } = await getWebhook(c.get('caller').org, c.req.valid('param').webhook);
      c.header('ETag', etagOf(revision));
      return c.json(viewWebhook(value), 200);
    })
    .openapi(change, async (c) => {
      const { org } = c.get('caller');
      const id = c.req.valid('param').webhook;
      const seen = seenRevision(c.req.valid('header'));
      const { value, revision } = await ifUnchanged(() =>
        changeWebhook(org, id, { changes: c.req.valid('json'), seen, ...attemptOptions() }),
      );
      c.header('ETag', etagOf(revision));
      return c.json(viewWebhook(value), 200);
    })
    .openapi(remove, async (c) => {
      const { org } = c.get('caller');
      const id = c.req.valid('param').webhook;
      const seen = seenRevision(c.req.valid('header'));
      await ifUnchanged(() => removeWebhook(org, id, seen));
      return c.body(null, 204);
    });
