import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { randomUUID } from 'node:crypto';
import { upwardBody } from '../../communication/schemas.ts';
import { databaseTime } from '../../platform/firestore.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { answer, bearer, operators } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import { orgReport, sendOrgReport } from '../index.ts';
import { idempotencyKey } from './operation.ts';

const tags = ['Reports'];
const body = upwardBody.meta({ id: 'UpwardReport' });

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
  description: 'By topic and webhooks, with a delivery log like every message. The same key sends it once.',
  tags,
  security: bearer,
  middleware: operators,
  request: { headers: idempotencyKey },
  responses: { 200: answer(body, 'The report that was sent.'), ...problems(400, 401, 403) },
});

export const reportRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(read, async (c) => c.json(await orgReport(c.get('caller').org, databaseTime()), 200))
    .openapi(send, async (c) => {
      const key = c.req.valid('header')['Idempotency-Key'] ?? randomUUID();
      return c.json(await sendOrgReport(c.get('caller').org, `asked ${key}`, databaseTime()), 200);
    });
