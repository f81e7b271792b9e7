// What can be done with a webhook besides editing it.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../platform/firestore.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { answer, bearer, operators } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import { wire } from '../../platform/http/wire.ts';
import { pingWebhook } from '../ping-webhook.ts';
import { rotateSecret } from '../rotate-secret.ts';
import { webhookId } from '../schemas.ts';
import { attemptOptions } from './operation.ts';
import { attemptView, viewAttempt } from './views.ts';

const tags = ['Webhooks'];
const security = bearer;
const params = z.object({ webhook: webhookId.meta({ example: 'whk_5d2e8f7a90b1c3d4e6f7' }) });

const rotate = createRoute({
  method: 'post',
  path: '/v1/webhooks/{webhook}/rotate-secret',
  operationId: 'rotateWebhookSecret',
  summary: 'Give a webhook a new secret',
  description: 'For a day requests carry a signature of each, so that the receiver can change over when it likes.',
  tags,
  security,
  middleware: operators,
  request: { params },
  responses: {
    200: answer(
      z.object({ secret: z.string(), previousValidUntil: z.iso.datetime() }).openapi('RotatedSecret'),
      'The new secret, told this once.',
    ),
    ...problems(400, 401, 403, 404, 409),
  },
});

const ping = createRoute({
  method: 'post',
  path: '/v1/webhooks/{webhook}/test',
  operationId: 'testWebhook',
  summary: 'Post a ping to a webhook and tell what came of it',
  description: 'Posts a signed `ping` at once and answers with what came of it. It is tried once.',
  tags,
  security,
  middleware: operators,
  request: { params },
  responses: { 200: answer(attemptView, 'The one attempt that was made.'), ...problems(400, 401, 403, 404) },
});

export const webhookActionRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(rotate, async (c) => {
      const rotated = await rotateSecret(c.get('caller').org, c.req.valid('param').webhook, databaseTime());
      return c.json(wire(rotated), 200);
    })
    .openapi(ping, async (c) => {
      const attempt = await pingWebhook(c.get('caller').org, c.req.valid('param').webhook, attemptOptions());
      return c.json(viewAttempt(attempt), 200);
    });
