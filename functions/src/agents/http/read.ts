import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiEnv } from '../../platform/http/env.ts';
import { problems } from '../../platform/http/problem.ts';
import { answer, bearer, etagHeader, etagOf, members } from '../../platform/http/operation.ts';
import { listAgents, readAgent } from '../list-agents.ts';
import { agentKind, skill } from '../schemas.ts';
import { inAgent } from './operation.ts';
import { agentView, viewAgentFor } from './views.ts';

const tags = ['Agents'];
const security = bearer;

const list = createRoute({
  method: 'get',
  path: '/v1/agents',
  operationId: 'listAgents',
  summary: 'List the agents, what each is for and how it is doing',
  description:
    'All of them: the built-in ones, then those of the organisation by id. Where their work is sent only operators are told.',
  tags,
  security,
  middleware: members,
  request: {
    query: z.object({
      skill: skill.optional().meta({ description: 'Only agents with this skill.', example: 'openapi' }),
      kind: agentKind.optional(),
      enabled: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .optional()
        .openapi({ type: 'boolean' }),
    }),
  },
  responses: {
    200: answer(z.object({ agents: z.array(agentView) }).openapi('Agents'), 'The agents.'),
    ...problems(400, 401, 403),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/agents/{agent}',
  operationId: 'getAgent',
  summary: 'Read an agent',
  description:
    'Of an agent of your own also its transport, and whether it has been heard of; the `ETag` is what `If-Match` takes.',
  tags,
  security,
  middleware: members,
  request: { params: inAgent },
  responses: {
    200: { ...answer(agentView, 'The agent.'), headers: etagHeader },
    ...problems(400, 401, 403, 404),
  },
});

export const readRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const caller = c.get('caller');
      const found = await listAgents(caller.org, c.req.valid('query'));
      return c.json({ agents: found.map((each) => viewAgentFor(caller, each)) }, 200);
    })
    .openapi(read, async (c) => {
      const caller = c.get('caller');
      const { value, revision } = await readAgent(caller.org, c.req.valid('param').agent);
      c.header('ETag', etagOf(revision));
      return c.json(viewAgentFor(caller, value), 200);
    });
