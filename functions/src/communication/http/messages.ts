import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../platform/firestore.ts';
import { keyOfCaller } from '../../platform/idempotency.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { answer, bearer, idempotencyKeyHeader, madeHeaders, operators } from '../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import { pageOfMessages } from '../messages.firestore.ts';
import { getMessageWithDeliveries } from '../read-messages.ts';
import { messageId, messageKind, recipient } from '../schemas.ts';
import { sendLateral } from '../send-lateral.ts';
import { lateralView, messageView, messageWithDeliveriesView, viewDelivery, viewMessage } from './views.ts';

const tags = ['Messages'];
const security = bearer;

const send = createRoute({
  method: 'post',
  path: '/v1/messages',
  operationId: 'sendMessage',
  summary: 'Send a lateral message by hand',
  description: 'Answers as soon as the message is recorded; it goes to its topic and to the webhooks that want it.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    headers: idempotencyKeyHeader(),
    body: { required: true, content: { 'application/json': { schema: lateralView } } },
  },
  responses: {
    202: {
      ...answer(messageView, 'The message is recorded and will be sent.'),
      headers: madeHeaders('The message', 'messages/msg_0f3c9a1be47d25c8a6b1'),
    },
    ...problems(400, 401, 403, 409, 413, 415),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/messages',
  operationId: 'listMessages',
  summary: 'List what was said to other coordinators, newest first',
  description: 'To every recipient, or to the one that you name.',
  tags,
  security,
  middleware: operators,
  request: {
    query: z.object({
      pageSize,
      pageToken: messageId.optional(),
      kind: messageKind.optional(),
      to: recipient.optional(),
      task: z.string().max(100).optional(),
    }),
  },
  responses: {
    200: answer(
      z.object({ messages: z.array(messageView), nextPageToken }).openapi('MessagePage'),
      'A page of messages.',
    ),
    ...problems(400, 401, 403),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/messages/{message}',
  operationId: 'getMessage',
  summary: 'Read a message, and what became of it on its topic and at each webhook',
  description: 'With its deliveries: each attempt, and what came of it.',
  tags,
  security,
  middleware: operators,
  request: { params: z.object({ message: messageId.meta({ example: 'msg_0f3c9a1be47d25c8a6b1' }) }) },
  responses: { 200: answer(messageWithDeliveriesView, 'The message.'), ...problems(400, 401, 403, 404) },
});

export const messageRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(send, async (c) => {
      const { org, uid } = c.get('caller');
      const { message, replayed } = await sendLateral({
        org,
        body: c.req.valid('json'),
        key: keyOfCaller(uid, c.req.valid('header')['Idempotency-Key']),
        now: databaseTime(),
      });
      c.header('Location', `messages/${message.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewMessage(message), 202);
    })
    .openapi(list, async (c) => {
      const { pageSize, pageToken, ...filter } = c.req.valid('query');
      const { records, nextPageToken } = await pageOfMessages(c.get('caller').org, filter, { pageSize, pageToken });
      return c.json({ messages: records.map(viewMessage), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const { message, deliveries } = await getMessageWithDeliveries(c.get('caller').org, c.req.valid('param').message);
      return c.json({ ...viewMessage(message), deliveries: deliveries.map(viewDelivery) }, 200);
    });
