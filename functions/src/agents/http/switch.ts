import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { databaseTime } from '../../platform/firestore.ts';
import type { ApiEnv, Caller } from '../../platform/http/env.ts';
import { problems } from '../../platform/http/problem.ts';
import { answer, bearer, etagHeader, etagOf, operators } from '../../platform/http/operation.ts';
import { switchAgent } from '../change-agent.ts';
import { findHealth } from '../health.firestore.ts';
import { rotateSecret } from '../signing-secret.ts';
import { editBy, inAgent } from './operation.ts';
import { agentView, signingSecretView, viewAgent } from './views.ts';

const shared = {
  method: 'post' as const,
  tags: ['Agents'],
  security: bearer,
  middleware: operators,
  request: { params: inAgent },
};
const asItIsNow = { ...answer(agentView, 'The agent as it is now.'), headers: etagHeader };

const enable = createRoute({
  ...shared,
  path: '/v1/agents/{agent}/enable',
  operationId: 'enableAgent',
  summary: 'Let an agent be given work',
  description: 'Enabling twice is harmless.',
  responses: { 200: asItIsNow, ...problems(400, 401, 403, 404) },
});

const disable = createRoute({
  ...shared,
  path: '/v1/agents/{agent}/disable',
  operationId: 'disableAgent',
  summary: 'Give an agent no more work',
  description: 'What it holds it may finish. A built-in agent can be disabled too. Disabling twice is harmless.',
  responses: { 200: asItIsNow, ...problems(400, 401, 403, 404) },
});

const rotate = createRoute({
  ...shared,
  path: '/v1/agents/{agent}/rotate-secret',
  operationId: 'rotateAgentSecret',
  summary: 'Replace the secret that webhooks to an agent are signed with',
  description: 'The new one signs from now on; only this answer holds it.',
  responses: { 200: answer(signingSecretView, 'The new secret.'), ...problems(400, 401, 403, 404, 409) },
});

export const switchRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(enable, async (c) => {
      const { etag, view } = await switched(c.get('caller'), c.req.valid('param').agent, true);
      c.header('ETag', etag);
      return c.json(view, 200);
    })
    .openapi(disable, async (c) => {
      const { etag, view } = await switched(c.get('caller'), c.req.valid('param').agent, false);
      c.header('ETag', etag);
      return c.json(view, 200);
    })
    .openapi(rotate, async (c) => {
      const signingSecret = await rotateSecret(c.get('caller').org, c.req.valid('param').agent, databaseTime());
      return c.json({ signingSecret }, 200);
    });

const switched = async (caller: Caller, id: string, enabled: boolean) => {
  const { value: agent, revision } = await switchAgent(id, enabled, editBy(caller));
  return { etag: etagOf(revision), view: viewAgent({ agent, health: await findHealth(caller.org, id) }) };
};
