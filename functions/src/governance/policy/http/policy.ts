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
  seenRevision,
} from '../../../platform/http/operation.ts';
import { problems } from '../../../platform/http/problem.ts';
import { wire } from '../../../platform/http/wire.ts';
import { readPolicy, replacePolicy } from '../policies.ts';
import { orgPolicy } from '../schemas.ts';

const tags = ['Policy'];
const security = bearer;

const limit = z
  .string()
  .regex(/^\d{1,18}$/, 'must be a decimal number of nano-USD')
  .nullable()
  .default(null)
  .openapi({ description: 'Integer nano-USD; null means no limit.', example: '5000000000' });

/** The policy in JSON: money as decimal strings. */
const policyView = orgPolicy
  .extend({ budget: z.strictObject({ taskNanoUsd: limit, monthlyNanoUsd: limit }).prefault({}) })
  .openapi('Policy');

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
    'What is left out gets its default. `If-Match` names the `ETag` that you read, also when it was that of the defaults. Every instance follows within ten seconds.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    headers: ifMatchHeader,
    body: { required: true, content: { 'application/json': { schema: policyView } } },
  },
  responses: {
    200: { ...answer(policyView, 'The policy in force.'), headers: etagHeader },
    ...problems(400, 401, 403, 412, 413, 415, 428),
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
      const { revision } = await ifUnchanged(() => replacePolicy(by.org, { policy, by, seen, now: databaseTime() }));
      c.header('ETag', etagOf(revision));
      return c.json(wire(policy), 200);
    });
