import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { agentErrors } from '../../agents/errors.ts';
import { specialistId } from '../../agents/schemas.ts';
import { boundedJsonObject } from '../../platform/bounded.ts';
import { AppError } from '../../platform/errors.ts';
import type { ApiEnv, Caller } from '../../platform/http/env.ts';
import { allow } from '../../platform/http/identity.ts';
import { jsonBody, maxBodyValues, maxNesting } from '../../platform/http/json-body.ts';
import { maxBodyBytes } from '../../platform/http/request-limits.ts';
import { answer, bearer } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import { filledText } from '../../platform/schemas.ts';
import { claimWork } from '../external/claim-work.ts';
import { deliverWork } from '../external/deliver-work.ts';
import { failWork } from '../external/fail-work.ts';
import type { LeasedWork } from '../external/leased-work.ts';
import { renewLease } from '../external/renew-lease.ts';
import { agentDirective, lease, runningLease, type Lease } from '../external/schemas.ts';
import type { AssignmentId, TaskId } from '../schemas.ts';
import { inAssignment } from './operation.ts';
import { assignmentView, viewAssignment } from './views.ts';

const tags = ['External agents'];
const security = bearer;
const agents = allow('agent');
const json = <S extends z.ZodType>(schema: S) => ({ 'application/json': { schema } });

const maxWaitSeconds = 20;

const claimRequest = z
  .strictObject({
    waitSeconds: z
      .int()
      .min(0)
      .max(maxWaitSeconds)
      .default(0)
      .openapi({ description: 'How long to wait for work if there is none now.' }),
  })
  .openapi('ClaimWork', { example: { waitSeconds: 20 } });

const claim = createRoute({
  method: 'post',
  path: '/v1/agents/{agent}/claim',
  operationId: 'claimWork',
  summary: 'Ask for work',
  description:
    'For agents of the kind `pull`, by themselves: the uid of the token is the id of the agent. Answers with the most urgent assignment that waits, which the caller then holds by a lease: renew it while you work, and complete or fail the assignment. 204 when there is none within `waitSeconds`.',
  tags,
  security,
  middleware: [agents, jsonBody] as const,
  request: {
    params: z.object({ agent: specialistId.meta({ example: 'linguist' }) }),
    body: {
      required: false,
      content: json(claimRequest),
    },
  },
  responses: {
    200: answer(z.object(agentDirective.shape).openapi('AgentDirective'), 'The work, claimed for the caller.'),
    204: { description: 'There is no work for the agent.' },
    ...problems(400, 401, 403, 404, 409, 413, 415),
  },
});

const onAssignment = '/v1/tasks/{task}/assignments/{assignment}';
const leaseProblems = problems(400, 401, 403, 404, 409, 413, 415);

const heartbeat = createRoute({
  method: 'post',
  path: `${onAssignment}/heartbeat`,
  operationId: 'renewLease',
  summary: 'Say that you are still at work',
  description:
    'Renews the lease, three times in its length to be on the safe side. 409 means: stop, the work is not yours any more, or was cancelled (`coordination.assignment_canceled`).',
  tags,
  security,
  middleware: [agents, jsonBody] as const,
  request: {
    params: inAssignment,
    body: {
      required: true,
      content: json(
        z
          .strictObject({ lease })
          .openapi('RenewLease', { example: { lease: { token: '3f1c9a1be47d25c8', epoch: 1 } } }),
      ),
    },
  },
  responses: {
    200: answer(z.object({ lease: z.object(runningLease.shape) }).openapi('RunningLease'), 'The lease as it runs now.'),
    ...leaseProblems,
  },
});

const complete = createRoute({
  method: 'post',
  path: `${onAssignment}/complete`,
  operationId: 'completeWork',
  summary: 'Deliver what you were asked for',
  description:
    'The output is checked as that of a model is. One that cannot be used is 422 with all findings; the lease goes on and the output may be delivered again, two times; the third refusal is the last, and the assignment has failed. Delivering the same again, as after an answer that was lost, is answered with what the first time led to.',
  tags,
  security,
  middleware: [agents, jsonBody] as const,
  request: {
    params: inAssignment,
    body: {
      required: true,
      content: json(
        z
          .strictObject({
            lease,
            output: boundedJsonObject(50, {
              nodes: maxBodyValues,
              depth: maxNesting,
              characters: maxBodyBytes,
            }).openapi({
              description:
                '`summary`, `artifact` {`kind`, `title`, `content`}, and optionally `notes`, `concerns`, `decisions` and `needs`.',
              example: {
                summary: 'Described the service.',
                artifact: { kind: 'markdown', title: 'Service', content: '# Service\n\nWhat it does.\n' },
              },
            }),
          })
          .openapi('CompleteWork', {
            example: {
              lease: { token: '3f1c9a1be47d25c8', epoch: 1 },
              output: {
                summary: 'The glossary covers the twelve terms of the API.',
                artifact: { kind: 'markdown', title: 'Glossary', content: '# Glossary' },
              },
            },
          }),
      ),
    },
  },
  responses: {
    200: answer(
      assignmentView,
      'The output was taken. The assignment as it is now: `ready` when what the output needs was refused, and it must be claimed anew.',
    ),
    ...leaseProblems,
    ...problems(422),
  },
});

const fail = createRoute({
  method: 'post',
  path: `${onAssignment}/fail`,
  operationId: 'failWork',
  summary: 'Say that you cannot do it',
  description:
    'Retryable: it is given out again after a while. Otherwise the assignment has failed, and with it the task.',
  tags,
  security,
  middleware: [agents, jsonBody] as const,
  request: {
    params: inAssignment,
    body: {
      required: true,
      content: json(
        z.strictObject({ lease, reason: filledText(600), retryable: z.boolean().default(false) }).openapi('FailWork', {
          example: {
            lease: { token: '3f1c9a1be47d25c8', epoch: 1 },
            reason: 'The model of the agent is out.',
            retryable: true,
          },
        }),
      ),
    },
  },
  responses: { 200: answer(assignmentView, 'The assignment as it is now.'), ...leaseProblems },
});

export const externalWorkRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(claim, async (c) => {
      const { agent } = c.req.valid('param');
      const { org, uid } = c.get('caller');
      if (uid !== agent) throw new AppError(agentErrors.agentNotFound);
      // A request without a body has passed no schema, and got no defaults.
      const { waitSeconds } = claimRequest.parse(c.req.valid('json'));
      const waitMs = waitSeconds * 1_000;
      const work = await claimWork({ org, agent, waitMs, signal: c.req.raw.signal });
      return work ? c.json(work, 200) : c.body(null, 204);
    })
    .openapi(heartbeat, async (c) => {
      const work = workOf(c.get('caller'), c.req.valid('param'), c.req.valid('json').lease);
      return c.json({ lease: await renewLease(work) }, 200);
    })
    .openapi(complete, async (c) => {
      const { lease, output } = c.req.valid('json');
      const done = await deliverWork(workOf(c.get('caller'), c.req.valid('param'), lease), output);
      return c.json(viewAssignment(done), 200);
    })
    .openapi(fail, async (c) => {
      const { lease, reason, retryable } = c.req.valid('json');
      const work = workOf(c.get('caller'), c.req.valid('param'), lease);
      return c.json(viewAssignment(await failWork(work, { reason, retryable })), 200);
    });

const workOf = ({ org, uid }: Caller, ids: { task: TaskId; assignment: AssignmentId }, lease: Lease): LeasedWork => ({
  org,
  agent: uid,
  ...ids,
  lease,
});
