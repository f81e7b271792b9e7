// An API with all doors of `platform/http` and one resource of no importance behind them.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { createApi, type ApiOptions } from '../../src/platform/http/create-api.ts';
import type { ApiEnv } from '../../src/platform/http/env.ts';
import { allow } from '../../src/platform/http/identity.ts';
import { jsonBody } from '../../src/platform/http/json-body.ts';
import { metaRoutes } from '../../src/platform/http/meta.ts';
import { pageSize } from '../../src/platform/http/pages.ts';

const thing = z.strictObject({
  name: z.string().min(1),
  size: z.int().optional(),
  sizes: z.array(z.int()).optional(),
  extra: z.unknown().optional(),
});

const create = createRoute({
  method: 'post',
  path: '/v1/things/{thing}',
  operationId: 'createThing',
  middleware: [allow('member', 'operator'), jsonBody] as const,
  request: {
    params: z.object({ thing: z.string().regex(/^[a-z0-9-]{1,20}$/) }),
    query: z.object({ pageSize }),
    headers: z.object({ 'X-Color': z.enum(['red', 'green']).optional() }),
    body: { required: true, content: { 'application/json': { schema: thing } } },
  },
  responses: {
    200: { description: 'The name.', content: { 'application/json': { schema: z.object({ name: z.string() }) } } },
  },
});

const crash = createRoute({
  method: 'get',
  path: '/v1/crash',
  operationId: 'crash',
  responses: { 200: { description: 'Never.' } },
});

/** Answers after a minute. */
const slow = createRoute({
  method: 'get',
  path: '/v1/slow',
  operationId: 'slow',
  middleware: [allow('member')] as const,
  responses: { 200: { description: 'At last.' } },
});

export const thingsApi = (options: Partial<ApiOptions> = {}) =>
  createApi({ requestsPerMinute: 1_000, corsOrigins: [], onAnswered: () => Promise.resolve(), ...options }, (api) =>
    api
      .route(
        '/',
        new OpenAPIHono<ApiEnv>()
          .openapi(create, (c) => c.json({ name: c.req.valid('json').name }, 200))
          .openapi(slow, async (c) => {
            await new Promise((resolve) => setTimeout(resolve, 60_000));
            return c.body(null, 200);
          })
          .openapi(crash, () => {
            throw new Error('the password is hunter2');
          }),
      )
      .route(
        '/',
        metaRoutes(() => ({ openapi: '3.1.0' })),
      ),
  );
