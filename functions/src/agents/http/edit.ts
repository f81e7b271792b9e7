import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../../platform/http/env.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { problems } from '../../platform/http/problem.ts';
import {
  answer,
  bearer,
  etagHeader,
  etagOf,
  ifMatchHeader,
  ifUnchanged,
  madeHeaders,
  operators,
  seenRevision,
} from '../../platform/http/operation.ts';
import { removeAgent, replaceAgent } from '../change-agent.ts';
import { findHealth } from '../health.firestore.ts';
import { registerAgent } from '../register-agent.ts';
import { agentDefinition, agentRegistration } from '../schemas.ts';
import { editBy, inAgent } from './operation.ts';
import { editedAgentView, viewAgent } from './views.ts';

const tags = ['Agents'];
const security = bearer;

const example = {
  kind: 'pull',
  name: 'Linguist',
  summary: 'Writes glossaries.',
  skills: ['terminology'],
  responsibilities: ['The terms of the API'],
  produces: ['markdown'],
};

const register = createRoute({
  method: 'post',
  path: '/v1/agents',
  operationId: 'registerAgent',
  summary: 'Register an agent of your own',
  description:
    'The id is the idempotency key: the same registration again answers with the agent that the first one made, another one is a conflict. A webhook agent gets a secret to check our signature with, which only this answer holds.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: agentRegistration, example: { id: 'linguist', ...example } } },
    },
  },
  responses: {
    201: {
      ...answer(editedAgentView, 'The agent is registered and can be given work.'),
      headers: etagHeader.extend(madeHeaders('The agent', 'agents/my-agent').shape),
    },
    ...problems(400, 401, 403, 409, 413, 415, 422),
  },
});

const replace = createRoute({
  method: 'put',
  path: '/v1/agents/{agent}',
  operationId: 'replaceAgent',
  summary: 'Say anew what an agent is',
  description:
    'Overrides a built-in agent too, even by one of another kind. Whether it is enabled stays as it is. Work that it holds goes on.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    params: inAgent,
    headers: ifMatchHeader,
    body: { required: true, content: { 'application/json': { schema: agentDefinition, example } } },
  },
  responses: {
    200: { ...answer(editedAgentView, 'The agent as it is now, one version up.'), headers: etagHeader },
    ...problems(400, 401, 403, 404, 412, 413, 415, 422, 428),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/agents/{agent}',
  operationId: 'deleteAgent',
  summary: 'Delete an agent of your own',
  description: 'Assignments that are planned for it and not finished will fail: disable it first and let it finish.',
  tags,
  security,
  middleware: operators,
  request: { params: inAgent },
  responses: { 204: { description: 'It is deleted.' }, ...problems(400, 401, 403, 404, 409) },
});

export const editRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(register, async (c) => {
      const { value, revision, signingSecret, replayed } = await registerAgent(
        c.req.valid('json'),
        editBy(c.get('caller')),
      );
      c.header('Location', `agents/${value.id}`);
      c.header('ETag', etagOf(revision));
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(
        { ...viewAgent({ agent: value, health: undefined }), ...(signingSecret && { signingSecret }) },
        201,
      );
    })
    .openapi(replace, async (c) => {
      const { org } = c.get('caller');
      const { agent } = c.req.valid('param');
      const seen = { definition: c.req.valid('json'), revision: seenRevision(c.req.valid('header')) };
      const edited = await ifUnchanged(() => replaceAgent(agent, seen, editBy(c.get('caller'))));
      const { value, revision, signingSecret } = edited;
      c.header('ETag', etagOf(revision));
      const view = viewAgent({ agent: value, health: await findHealth(org, agent) });
      return c.json({ ...view, ...(signingSecret && { signingSecret }) }, 200);
    })
    .openapi(remove, async (c) => {
      await removeAgent(c.get('caller').org, c.req.valid('param').agent);
      return c.body(null, 204);
    });
