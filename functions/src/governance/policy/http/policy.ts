import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../../platform/firestore.ts';
import type { ApiEnv } from '../../../platform/http/env.ts';
import { jsonBody } from '../../../platform/http/json-body.ts';
import {
  answer,
  bearer,
  etagHeader,
  etagOf,
  ifMatchHeader,
  ifUnchanged,
  operators,
  proposedHeaders,
  seenRevision,
} from '../../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../../platform/http/pages.ts';
import { problems } from '../../../platform/http/problem.ts';
import { wire } from '../../../platform/http/wire.ts';
import { approvalView, viewApproval } from '../../approvals/http/views.ts';
import { changePolicy, listPolicyChanges } from '../change-policy.ts';
import { readPolicy } from '../policies.ts';
import { orgPolicy, policyChangeId } from '../schemas.ts';
import { newPolicy, policyChangeView, policyView, viewPolicyChange } from './views.ts';

const tags = ['Policy'];
const security = bearer;

const read = createRoute({
  method: 'get',
  path: '/v1/policy',
  operationId: 'getPolicy',
  summary: 'Read the policy of the organisation',
  description: 'An organisation that never wrote one has the defaults, with the `ETag` `"0.0"`.',
  tags,
  security,
  middleware: operators,
  responses: { 200: { ...answer(policyView, 'The policy in force.'), headers: etagHeader }, ...problems(401, 403) },
});

const replace = createRoute({
  method: 'put',
  path: '/v1/policy',
  operationId: 'replacePolicy',
  summary: 'Replace the policy of the organisation',
  description:
    'What is left out gets its default. `If-Match` names the `ETag` that you read, also when it was that of the defaults. Every instance follows within ten seconds. ' +
    'What an operator loosens is proposed: the answer is 202 with an approval request, and it takes effect once somebody else who may has approved that.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    headers: ifMatchHeader,
    body: { required: true, content: { 'application/json': { schema: newPolicy } } },
  },
  responses: {
    200: { ...answer(policyView, 'The policy in force.'), headers: etagHeader },
    202: { ...answer(approvalView, 'The request for the change.'), headers: proposedHeaders },
    ...problems(400, 401, 403, 412, 413, 415, 428),
  },
});

const changes = createRoute({
  method: 'get',
  path: '/v1/policy/changes',
  operationId: 'listPolicyChanges',
  summary: 'List what was changed of the policy and the attestation keys, newest first',
  description:
    'Who changed what, when, from which version, and who confirmed it. What was only proposed so far has the step `proposed`.',
  tags,
  security,
  middleware: operators,
  request: { query: z.object({ pageSize, pageToken: policyChangeId.optional() }) },
  responses: {
    200: answer(
      z.object({ changes: z.array(policyChangeView), nextPageToken }).openapi('PolicyChangePage'),
      'A page of changes.',
    ),
    ...problems(400, 401, 403),
  },
});

export const policyRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(read, async (c) => {
      const { policy, revision } = await readPolicy(c.get('caller').org);
      c.header('ETag', etagOf(revision));
      return c.json(wire(policy), 200);
    })
    .openapi(replace, async (c) => {
      const by = c.get('caller');
      const seen = seenRevision(c.req.valid('header'));
      const policy = orgPolicy.parse(c.req.valid('json'));
      const outcome = await ifUnchanged(() => changePolicy(by.org, { policy, by, seen, now: databaseTime() }));
      if (outcome.state === 'proposed') {
        c.header('Location', `approvals/${outcome.approval.id}`);
        return c.json(viewApproval(outcome.approval), 202);
      }
      c.header('ETag', etagOf(outcome.revision));
      return c.json(wire(policy), 200);
    })
    .openapi(changes, async (c) => {
      const page = await listPolicyChanges(c.get('caller').org, c.req.valid('query'));
      return c.json({ changes: page.changes.map(viewPolicyChange), nextPageToken: page.nextPageToken }, 200);
    });
