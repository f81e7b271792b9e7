import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { taskId } from '../../../coordination/schemas.ts';
import { boundedArray } from '../../../platform/bounded.ts';
import { databaseTime } from '../../../platform/firestore.ts';
import { keyOfCaller, type ScopedKey } from '../../../platform/idempotency.ts';
import type { ApiEnv, Caller } from '../../../platform/http/env.ts';
import { jsonBody } from '../../../platform/http/json-body.ts';
import { answer, bearer, idempotencyKeyHeader, madeHeaders, operators } from '../../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../../platform/http/pages.ts';
import { problems } from '../../../platform/http/problem.ts';
import { filledText } from '../../../platform/schemas.ts';
import type { TaskSource } from '../../gates/http/task-source.ts';
import { raiseEscalation } from '../raise-escalation.ts';
import { acknowledgeEscalation, getEscalation, listEscalations, resolveEscalation } from '../react.ts';
import {
  escalationEvidence,
  escalationId,
  escalationState,
  maxEvidence,
  severity,
  trigger,
  type EscalationDraft,
} from '../schemas.ts';
import { triggerTable } from '../triggers.ts';
import { escalationView, viewEscalation } from './views.ts';

const tags = ['Escalations'];
const security = bearer;
const params = z.object({ escalation: escalationId });
const body = <S extends z.ZodType>(schema: S, required = true) => ({
  required,
  content: { 'application/json': { schema } },
});
const text = z.string().trim();

const list = createRoute({
  method: 'get',
  path: '/v1/escalations',
  operationId: 'listEscalations',
  summary: 'List escalations, newest first',
  description: 'In every state, or in the one that you name.',
  tags,
  security,
  middleware: operators,
  request: {
    query: z.object({
      pageSize,
      pageToken: escalationId.optional(),
      state: escalationState.optional(),
      task: taskId.optional(),
      severity: severity.optional(),
    }),
  },
  responses: {
    200: answer(
      z.object({ escalations: z.array(escalationView), nextPageToken }).openapi('EscalationPage'),
      'A page of escalations.',
    ),
    ...problems(400, 401, 403),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/escalations/{escalation}',
  operationId: 'getEscalation',
  summary: 'Read an escalation with its evidence and who was told',
  description: 'With each step of the ladder that was told, and everything that happened to it.',
  tags,
  security,
  middleware: operators,
  request: { params },
  responses: { 200: answer(escalationView, 'The escalation.'), ...problems(400, 401, 403, 404) },
});

const newEscalation = z
  .strictObject({
    trigger,
    title: filledText(200),
    severity: severity.optional().openapi({ description: 'Left out: the usual one of the trigger.' }),
    task: taskId.optional(),
    subject: filledText(200).optional().openapi({
      description: 'Names the cause: the same trigger and subject again join one escalation. Left out: the title.',
    }),
    evidence: boundedArray(escalationEvidence.pick({ ref: true, detail: true }), maxEvidence).default([]),
  })
  .openapi('NewEscalation', {
    example: { trigger: 'service-outage', title: 'The extraction API does not answer', severity: 'critical' },
  });

const raise = createRoute({
  method: 'post',
  path: '/v1/escalations',
  operationId: 'raiseEscalation',
  summary: 'Raise an escalation by hand',
  description:
    'One with the same trigger and subject that is not resolved is joined instead: it counts one more occurrence.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    headers: idempotencyKeyHeader('counts once.'),
    body: body(newEscalation),
  },
  responses: {
    201: {
      ...answer(escalationView, 'The escalation that it became or joined.'),
      headers: madeHeaders('The escalation'),
    },
    ...problems(400, 401, 403, 404, 409, 413, 415),
  },
});

const acknowledge = createRoute({
  method: 'post',
  path: '/v1/escalations/{escalation}/acknowledge',
  operationId: 'acknowledgeEscalation',
  summary: 'Take an escalation in hand',
  description: 'Nobody else is told from then on. Doing it twice is harmless.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    params,
    body: body(
      z
        .strictObject({ comment: text.max(2_000).optional() })
        .openapi('Acknowledgement', { example: { comment: 'I am on it.' } }),
      false,
    ),
  },
  responses: {
    200: answer(escalationView, 'The acknowledged escalation.'),
    ...problems(400, 401, 403, 404, 409, 413, 415),
  },
});

const resolve = createRoute({
  method: 'post',
  path: '/v1/escalations/{escalation}/resolve',
  operationId: 'resolveEscalation',
  summary: 'End an escalation',
  description: 'When its cause is seen again later, that is a new escalation, of the next generation.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    params,
    body: body(
      z
        .strictObject({ resolution: filledText(2_000) })
        .openapi('Resolution', { example: { resolution: 'The region is back.' } }),
    ),
  },
  responses: {
    200: answer(escalationView, 'The resolved escalation.'),
    ...problems(400, 401, 403, 404, 409, 413, 415),
  },
});

export const escalationRoutes = ({ requireTask }: Pick<TaskSource, 'requireTask'>) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const { escalations, nextPageToken } = await listEscalations(c.get('caller').org, c.req.valid('query'));
      return c.json({ escalations: escalations.map(viewEscalation), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const found = await getEscalation(c.get('caller').org, c.req.valid('param').escalation);
      return c.json(viewEscalation(found), 200);
    })
    .openapi(raise, async (c) => {
      const caller = c.get('caller');
      const key = keyOfCaller(caller.uid, c.req.valid('header')['Idempotency-Key']);
      const said = c.req.valid('json');
      if (said.task !== undefined) await requireTask(caller.org, said.task);
      const { escalation, replayed } = await raiseEscalation(draftOf(caller, said, key), databaseTime());
      c.header('Location', `escalations/${escalation.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewEscalation(escalation), 201);
    })
    .openapi(acknowledge, async (c) => {
      const { comment } = c.req.valid('json');
      const { org, ...reaction } = reactionOf(c.get('caller'), comment ?? '');
      return c.json(viewEscalation(await acknowledgeEscalation(org, c.req.valid('param').escalation, reaction)), 200);
    })
    .openapi(resolve, async (c) => {
      const { org, ...reaction } = reactionOf(c.get('caller'), c.req.valid('json').resolution);
      return c.json(viewEscalation(await resolveEscalation(org, c.req.valid('param').escalation, reaction)), 200);
    });

const reactionOf = ({ org, uid, role }: Caller, text: string) => ({ org, by: { uid, role }, at: databaseTime(), text });

const draftOf = (
  { org, uid, role }: Caller,
  { trigger, title, severity, task, subject, evidence }: z.output<typeof newEscalation>,
  key: ScopedKey,
): EscalationDraft => ({
  org,
  task: task ?? null,
  trigger,
  severity: severity ?? triggerTable[trigger].severity,
  title,
  subject: subject ?? title,
  key: JSON.stringify(key),
  evidence: evidence.map((each) => ({ source: 'person', ...each })),
  by: { uid, role },
});
