import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiEnv } from './env.ts';
import { problems } from './problem.ts';

const shared = { method: 'get' as const, tags: ['Service'], security: [] };

const health = createRoute({
  ...shared,
  path: '/healthz',
  operationId: 'getHealth',
  summary: 'See whether the API answers',
  description: 'Asks nothing of the database: it says that an instance serves requests.',
  responses: {
    200: {
      description: 'It does.',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }).openapi('Health') } },
    },
    ...problems(),
  },
});

const openApi = createRoute({
  ...shared,
  path: '/openapi.json',
  operationId: 'getOpenApi',
  summary: 'Read this document',
  description: 'It is generated from the schemas that check the requests.',
  responses: {
    200: {
      description: 'The OpenAPI 3.1 document of the API.',
      content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }).openapi('OpenApi') } },
    },
    ...problems(),
  },
});

/** The operations that describe the API itself; open to everyone. */
export const metaRoutes = (document: () => { openapi: string }) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(health, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(openApi, (c) => c.json({ ...document() }, 200));
