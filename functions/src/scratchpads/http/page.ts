// What is done to a scratchpad as a whole: archiving, and links to others.
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { taskId } from '../../coordination/schemas.ts';
import { databaseTime } from '../../platform/firestore.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { answer, bearer, members, operators } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import { linkPad, setArchived, unlinkPad } from '../change-page.ts';
import { inTask, tags } from './operation.ts';
import { pageStateView, viewPageState } from './views.ts';

const security = bearer;
const pad = '/v1/tasks/{task}/scratchpad' as const;
const inLink = inTask.extend({ other: taskId.meta({ example: 'tsk_7d25c8a6b10f3c9a1be4' }) });

const archive = createRoute({
  method: 'post',
  path: `${pad}/archive` as const,
  operationId: 'archiveScratchpad',
  summary: 'Archive the scratchpad',
  description:
    'From now on it takes no edits; notes of assignments that are still at work are kept all the same. Archiving twice is harmless.',
  tags,
  security,
  middleware: operators,
  request: { params: inTask },
  responses: { 200: answer(pageStateView, 'The scratchpad is archived.'), ...problems(400, 401, 403, 404) },
});

const unarchive = createRoute({
  method: 'post',
  path: `${pad}/unarchive` as const,
  operationId: 'unarchiveScratchpad',
  summary: 'Open an archived scratchpad again',
  description: 'It can then be edited again. Doing it twice is harmless.',
  tags,
  security,
  middleware: operators,
  request: { params: inTask },
  responses: { 200: answer(pageStateView, 'The scratchpad takes edits.'), ...problems(400, 401, 403, 404) },
});

const link = createRoute({
  method: 'put',
  path: `${pad}/related/{other}` as const,
  operationId: 'linkScratchpad',
  summary: 'Name the scratchpad of another task as related',
  description: 'This pad names the other one from then on. Doing it twice is harmless.',
  tags,
  security,
  middleware: members,
  request: { params: inLink },
  responses: { 200: answer(pageStateView, 'The link is there.'), ...problems(400, 401, 403, 404, 409, 422) },
});

const unlink = createRoute({
  method: 'delete',
  path: `${pad}/related/{other}` as const,
  operationId: 'unlinkScratchpad',
  summary: 'Take a related scratchpad from the list',
  description: 'Removing a link that is not there is harmless.',
  tags,
  security,
  middleware: members,
  request: { params: inLink },
  responses: { 200: answer(pageStateView, 'The link is not there.'), ...problems(400, 401, 403, 404, 409) },
});

const changeBy = (c: Context<ApiEnv>) => {
  const { uid, role } = c.get('caller');
  return { author: { uid, role }, at: databaseTime() };
};

export const pageRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(archive, async (c) => {
      const changed = await setArchived(c.get('caller').org, c.req.valid('param').task, true, changeBy(c));
      return c.json(viewPageState(changed), 200);
    })
    .openapi(unarchive, async (c) => {
      const changed = await setArchived(c.get('caller').org, c.req.valid('param').task, false, changeBy(c));
      return c.json(viewPageState(changed), 200);
    })
    .openapi(link, async (c) => {
      const { task, other } = c.req.valid('param');
      return c.json(viewPageState(await linkPad(c.get('caller').org, task, other, changeBy(c))), 200);
    })
    .openapi(unlink, async (c) => {
      const { task, other } = c.req.valid('param');
      return c.json(viewPageState(await unlinkPad(c.get('caller').org, task, other, changeBy(c))), 200);
    });
