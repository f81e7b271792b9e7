import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../../platform/firestore.ts';
import type { ApiEnv } from '../../../platform/http/env.ts';
import { jsonBody } from '../../../platform/http/json-body.ts';
import { answer, bearer, members, submitters } from '../../../platform/http/operation.ts';
import { problems } from '../../../platform/http/problem.ts';
import { filledText } from '../../../platform/schemas.ts';
import { approvalView, viewApproval } from '../../approvals/http/views.ts';
import { gateId } from '../schemas.ts';
import { waiveGate } from '../waive-gate.ts';
import { created, idempotencyKey, inTask } from './operation.ts';
import type { TaskSource } from './task-source.ts';
import { gateVerdictView, viewGateVerdict } from './views.ts';

const tags = ['Quality gates'];
const security = bearer;

const list = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}/gates',
  operationId: 'listGates',
  summary: 'Read the verdict on the quality gates of a task',
  description: 'All eight, as they stand now: the evidence of each with its provenance, and what is still needed.',
  tags,
  security,
  middleware: members,
  request: { params: inTask },
  responses: {
    200: answer(z.object({ gates: z.array(gateVerdictView) }).openapi('Gates'), 'The eight gates.'),
    ...problems(400, 401, 403, 404),
  },
});

const waive = createRoute({
  method: 'post',
  path: '/v1/tasks/{task}/gates/{gate}/waive',
  operationId: 'waiveGate',
  summary: 'Ask to do without a gate',
  description:
    'Makes an approval request, one at a time for each gate. The gate is waived once somebody else has approved it, and not before. A task that is over waives nothing.',
  tags,
  security,
  middleware: [submitters, jsonBody] as const,
  request: {
    params: inTask.extend({ gate: gateId }),
    headers: idempotencyKey,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({ reason: filledText(2_000) })
            .openapi('Waive', { example: { reason: 'There is no data to back up yet.' } }),
        },
      },
    },
  },
  responses: {
    201: { ...answer(approvalView, 'The approval request.'), headers: created },
    ...problems(400, 401, 403, 404, 409, 413, 415),
  },
});

export const gateRoutes = (tasks: TaskSource) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const verdicts = await tasks.gatesOf(c.get('caller').org, c.req.valid('param').task, databaseTime());
      return c.json({ gates: verdicts.map(viewGateVerdict) }, 200);
    })
    .openapi(waive, async (c) => {
      const { org, uid, role } = c.get('caller');
      const { task, gate } = c.req.valid('param');
      const { refusal, submittedBy } = await tasks.standingOf(org, task);
      const { approval, replayed } = await waiveGate({
        org,
        task,
        gate,
        ...c.req.valid('json'),
        by: { uid, role },
        submittedBy,
        refusal,
        idempotencyKey: c.req.valid('header')['Idempotency-Key'],
        now: databaseTime(),
      });
      c.header('Location', `../../../../approvals/${approval.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewApproval(approval), 201);
    });
