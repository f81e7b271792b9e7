import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../../platform/firestore.ts';
import type { ApiEnv, Caller } from '../../../platform/http/env.ts';
import { jsonBody } from '../../../platform/http/json-body.ts';
import { answer, bearer, members, submitters } from '../../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../../platform/http/pages.ts';
import { problems } from '../../../platform/http/problem.ts';
import { idPattern } from '../../../platform/schemas.ts';
import { approve, delegateApproval, getApproval, listApprovals, reject } from '../decide-approval.ts';
import { approvalId, approvalState, delegate } from '../schemas.ts';
import { approvalView, viewApproval } from './views.ts';

const tags = ['Approvals'];
const security = bearer;
const params = z.object({ approval: approvalId });
const body = <S extends z.ZodType>(schema: S, required = false) => ({
  required,
  content: { 'application/json': { schema } },
});

const comment = z.string().trim().max(2_000).optional();
const decided = { 200: answer(approvalView, 'The request as it is now.') };
const repeatable =
  'Saying the same again is harmless; contradicting a decision is 409, and so is deciding when the task is over.';

const list = createRoute({
  method: 'get',
  path: '/v1/approvals',
  operationId: 'listApprovals',
  summary: 'List approval requests, newest first',
  description: 'In every state, or in the one that you name.',
  tags,
  security,
  middleware: members,
  request: {
    query: z.object({
      pageSize,
      pageToken: approvalId.optional(),
      state: approvalState.optional(),
      task: z.string().regex(idPattern, 'is not a task id').optional(),
    }),
  },
  responses: {
    200: answer(
      z.object({ approvals: z.array(approvalView), nextPageToken }).openapi('ApprovalPage'),
      'A page of approval requests.',
    ),
    ...problems(400, 401, 403),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/approvals/{approval}',
  operationId: 'getApproval',
  summary: 'Read an approval request',
  description: 'What is asked for and why, who may decide until when, and what silence means.',
  tags,
  security,
  middleware: members,
  request: { params },
  responses: { 200: answer(approvalView, 'The approval request.'), ...problems(400, 401, 403, 404) },
});

const approveRoute = createRoute({
  method: 'post',
  path: '/v1/approvals/{approval}/approve',
  operationId: 'approve',
  summary: 'Approve what is asked for',
  description: repeatable,
  tags,
  security,
  middleware: [submitters, jsonBody] as const,
  request: {
    params,
    body: body(z.strictObject({ comment }).openapi('Approve', { example: { comment: 'Go ahead.' } })),
  },
  responses: { ...decided, ...problems(400, 401, 403, 404, 409, 413, 415) },
});

const rejectRoute = createRoute({
  method: 'post',
  path: '/v1/approvals/{approval}/reject',
  operationId: 'reject',
  summary: 'Reject what is asked for',
  description: repeatable,
  tags,
  security,
  middleware: [submitters, jsonBody] as const,
  request: {
    params,
    body: body(
      z
        .strictObject({
          comment,
          rework: z.boolean().optional().openapi({ description: 'The work may be tried another way.' }),
        })
        .openapi('Reject', { example: { comment: 'Keep the old endpoint for a quarter.', rework: true } }),
    ),
  },
  responses: { ...decided, ...problems(400, 401, 403, 404, 409, 413, 415) },
});

const delegateRoute = createRoute({
  method: 'post',
  path: '/v1/approvals/{approval}/delegate',
  operationId: 'delegateApproval',
  summary: 'Let somebody else decide, too',
  description: 'A person by `uid`, or everybody with a `role`; a later delegation replaces an earlier one.',
  tags,
  security,
  middleware: [submitters, jsonBody] as const,
  request: { params, body: body(delegate.meta({ example: { uid: 'security-lead' } }), true) },
  responses: { ...decided, ...problems(400, 401, 403, 404, 409, 413, 415, 422) },
});

export const approvalRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const { approvals, nextPageToken } = await listApprovals(c.get('caller').org, c.req.valid('query'));
      return c.json({ approvals: approvals.map(viewApproval), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const found = await getApproval(c.get('caller').org, c.req.valid('param').approval);
      return c.json(viewApproval(found), 200);
    })
    .openapi(approveRoute, async (c) => {
      const word = { ...c.req.valid('json'), ...saidBy(c.get('caller')) };
      return c.json(viewApproval(await approve(c.get('caller').org, c.req.valid('param').approval, word)), 200);
    })
    .openapi(rejectRoute, async (c) => {
      const word = { ...c.req.valid('json'), ...saidBy(c.get('caller')) };
      return c.json(viewApproval(await reject(c.get('caller').org, c.req.valid('param').approval, word)), 200);
    })
    .openapi(delegateRoute, async (c) => {
      const word = { to: c.req.valid('json'), ...saidBy(c.get('caller')) };
      return c.json(
        viewApproval(await delegateApproval(c.get('caller').org, c.req.valid('param').approval, word)),
        200,
      );
    });

const saidBy = ({ uid, role }: Caller) => ({ by: { uid, role }, now: databaseTime() });
