import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { messageId, upwardBody } from '../../communication/schemas.ts';
import { databaseTime } from '../../platform/firestore.ts';
import { keyOfCaller } from '../../platform/idempotency.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { answer, bearer, idempotencyKeyHeader, madeHeaders, operators } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import { orgReport, sendOrgReport } from '../index.ts';

const tags = ['Reports'];
const body = upwardBody.meta({ id: 'UpwardReport' });
const sent = upwardBody.extend({ message: messageId }).openapi('SentReport');

const read = createRoute({
  method: 'get',
  path: '/v1/report',
  operationId: 'getOrgReport',
  summary: 'Read the report on all tasks',
  description: 'The upward message of the specification, as of now. Nothing is sent.',
  tags,
  security: bearer,
  middleware: operators,
  responses: { 200: answer(body, 'The report.'), ...problems(401, 403) },
});

const send = createRoute({
  method: 'post',
  path: '/v1/report/send',
  operationId: 'sendOrgReport',
  summary: 'Send the report on all tasks to the main coordinator',
  description:
    'By topic and webhooks, with a delivery log like every message. The same key sends it once, and answers with what was sent then.',
  tags,
  security: bearer,
  middleware: operators,
  request: { headers: idempotencyKeyHeader() },
  responses: {
    200: {
      ...answer(sent, 'The report that was sent, and the id of its message.'),
      headers: madeHeaders('The message', '../messages/msg_0f3c9a1be47d25c8a6b1'),
    },
    ...problems(400, 401, 403),
  },
});

export const reportRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(read, async (c) => c.json(await orgReport(c.get('caller').org, databaseTime()), 200))
    .openapi(send, async (c) => {
      const { org, uid } = c.get('caller');
      const key = keyOfCaller(uid, c.req.valid('header')['Idempotency-Key']);
      const { message, report, replayed } = await sendOrgReport(org, JSON.stringify(key), databaseTime());
      c.header('Location', `../messages/${message}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json({ ...report, message }, 200);
    });
