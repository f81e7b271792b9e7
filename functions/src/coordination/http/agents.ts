import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { roleCards } from '../../agents/index.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { problems } from '../../platform/http/problem.ts';
import { answer, anyRole, bearer } from '../../platform/http/operation.ts';
import { agentView, viewAgent } from './views.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/agents',
  operationId: 'listAgents',
  summary: 'List the specialists and what each is for',
  tags: ['Agents'],
  security: bearer,
  middleware: anyRole,
  responses: {
    200: answer(z.object({ agents: z.array(agentView) }).openapi('Agents'), 'The specialists.'),
    ...problems(401, 403),
  },
});

export const agentRoutes = () =>
  new OpenAPIHono<ApiEnv>().openapi(list, (c) => c.json({ agents: Object.values(roleCards).map(viewAgent) }, 200));
