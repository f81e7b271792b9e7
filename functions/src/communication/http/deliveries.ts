import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiEnv } from '../../platform/http/env.ts';
import { answer, bearer, operators } from '../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import { pageOfDeliveries } from '../deliveries.firestore.ts';
import { redeliver } from '../redeliver.ts';
import { deliveryId, deliveryState, webhookId } from '../schemas.ts';
import { attemptOptions } from './operation.ts';
import { deliveryView, viewDelivery } from './views.ts';

const tags = ['Webhooks'];
const security = bearer;

const list = createRoute({
  method: 'get',
  path: '/v1/deliveries',
  operationId: 'listDeliveries',
  summary: 'List what became of messages on topics and at webhooks, newest first',
  description: 'Those of one message or webhook, or of all.',
  tags,
  security,
  middleware: operators,
  request: {
    query: z.object({
      pageSize,
      pageToken: deliveryId.optional(),
      state: deliveryState.optional(),
      webhook: webhookId.optional(),
    }),
  },
  responses: {
    200: answer(
      z.object({ deliveries: z.array(deliveryView), nextPageToken }).openapi('DeliveryPage'),
      'A page of deliveries.',
    ),
    ...problems(400, 401, 403),
  },
});

const again = createRoute({
  method: 'post',
  path: '/v1/deliveries/{delivery}/redeliver',
  operationId: 'redeliver',
  summary: 'Attempt a delivery that is over once more',
  description:
    'Posted under the same `Webhook-Id`, or published under the same `messageId`. Answers after the attempt; if that fails, more follow.',
  tags,
  security,
  middleware: operators,
  request: {
    params: z.object({
      delivery: deliveryId.meta({ example: 'msg_0f3c9a1be47d25c8a6b1.whk_5d2e8f7a90b1c3d4e6f7' }),
    }),
  },
  responses: { 200: answer(deliveryView, 'The delivery after the attempt.'), ...problems(400, 401, 403, 404, 409) },
});

export const deliveryRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const { pageSize, pageToken, ...filter } = c.req.valid('query');
      const { records, nextPageToken } = await pageOfDeliveries(c.get('caller').org, filter, { pageSize, pageToken });
      return c.json({ deliveries: records.map(viewDelivery), nextPageToken }, 200);
    })
    .openapi(again, async (c) => {
      const delivery = await redeliver(c.get('caller').org, c.req.valid('param').delivery, attemptOptions());
      return c.json(viewDelivery(delivery), 200);
    });
