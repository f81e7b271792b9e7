import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiEnv } from '../../platform/http/env.ts';
import { answer, bearer, members } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import { wire } from '../../platform/http/wire.ts';
import { listedEffect } from '../effects.ts';
import { listEffects } from '../index.ts';
import { inTask } from './operation.ts';

const time = z.iso.datetime();
const effectView = listedEffect
  .omit({ org: true, task: true })
  .extend({ intendedAt: time, endedAt: time.nullable() })
  .meta({ id: 'Effect' });

const list = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}/effects',
  operationId: 'listEffects',
  summary: 'List what was asked of models and agents for a task',
  description:
    'The ledger of effects: each is recorded before it is started and again when it has ended. `intended` for long, or `unknownTries`, means that whoever started it died.',
  tags: ['Work'],
  security: bearer,
  middleware: members,
  request: { params: inTask },
  responses: {
    200: answer(z.object({ effects: z.array(effectView) }), 'The effects, in the order in which they were started.'),
    ...problems(400, 401, 403, 404),
  },
});

export const effectRoutes = () =>
  new OpenAPIHono<ApiEnv>().openapi(list, async (c) => {
    const found = await listEffects(c.get('caller').org, c.req.valid('param').task);
    const shown = found.map(({ org: _org, task: _task, ...each }) => wire(each));
    return c.json({ effects: shown }, 200);
  });
