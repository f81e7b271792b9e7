// What can be done with a schedule besides editing it.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../platform/firestore.ts';
import { keyOfCaller } from '../../platform/idempotency.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import {
  answer,
  bearer,
  etagHeader,
  etagOf,
  idempotencyKeyHeader,
  madeHeaders,
  members,
  operators,
} from '../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { switchSchedule } from '../change-schedule.ts';
import { listRuns } from '../list-runs.ts';
import { runNow } from '../run-schedule.ts';
import { runId, type ScheduleId } from '../schemas.ts';
import { inSchedule, tags } from './operation.ts';
import { runView, scheduleView, viewRun, viewSchedule } from './views.ts';

const shared = { tags, security: bearer, middleware: operators, request: { params: inSchedule } };
const asItIsNow = { ...answer(scheduleView, 'The schedule as it is now.'), headers: etagHeader };

const run = createRoute({
  ...shared,
  method: 'post',
  path: '/v1/schedules/{schedule}/run',
  operationId: 'runSchedule',
  summary: 'Hand in its task now',
  description: 'Whether or not the schedule is paused or its last task is over. Runs to come are not moved.',
  request: { params: inSchedule, headers: idempotencyKeyHeader() },
  responses: {
    202: {
      ...answer(runView, 'The run, with the task that it has handed in.'),
      headers: madeHeaders('The task', '../../tasks/tsk_0f3c9a1be47d25c8a6b1'),
    },
    ...problems(400, 401, 403, 404, 409, 422),
  },
});

const pause = createRoute({
  ...shared,
  method: 'post',
  path: '/v1/schedules/{schedule}/pause',
  operationId: 'pauseSchedule',
  summary: 'Let a schedule run no more until it is resumed',
  description: 'Tasks that it has handed in go on. Pausing twice is harmless.',
  responses: { 200: asItIsNow, ...problems(400, 401, 403, 404, 409) },
});

const resume = createRoute({
  ...shared,
  method: 'post',
  path: '/v1/schedules/{schedule}/resume',
  operationId: 'resumeSchedule',
  summary: 'Let a paused schedule run again',
  description: 'It goes on from now: what it missed is not made up for. Resuming twice is harmless.',
  responses: { 200: asItIsNow, ...problems(400, 401, 403, 404, 409) },
});

const runs = createRoute({
  ...shared,
  method: 'get',
  path: '/v1/schedules/{schedule}/runs',
  operationId: 'listScheduleRuns',
  summary: 'List the runs of a schedule, newest first',
  description: 'Of each run the task that it became, or why it was refused.',
  middleware: members,
  request: { params: inSchedule, query: z.object({ pageSize, pageToken: runId.optional() }) },
  responses: {
    200: answer(z.object({ runs: z.array(runView), nextPageToken }).openapi('ScheduleRunPage'), 'A page of runs.'),
    ...problems(400, 401, 403, 404),
  },
});

export const scheduleActionRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(run, async (c) => {
      const { org, uid } = c.get('caller');
      const { run: ended, replayed } = await runNow(org, c.req.valid('param').schedule, {
        key: keyOfCaller(uid, c.req.valid('header')['Idempotency-Key']),
        by: uid,
        now: databaseTime(),
      });
      c.header('Location', `../../tasks/${ended.task}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewRun(ended), 202);
    })
    .openapi(pause, async (c) => {
      const { etag, view } = await switched(c.get('caller').org, c.req.valid('param').schedule, false);
      c.header('ETag', etag);
      return c.json(view, 200);
    })
    .openapi(resume, async (c) => {
      const { etag, view } = await switched(c.get('caller').org, c.req.valid('param').schedule, true);
      c.header('ETag', etag);
      return c.json(view, 200);
    })
    .openapi(runs, async (c) => {
      const page = await listRuns(c.get('caller').org, c.req.valid('param').schedule, c.req.valid('query'));
      return c.json({ runs: page.records.map(viewRun), nextPageToken: page.nextPageToken }, 200);
    });

const switched = async (org: OrgId, id: ScheduleId, enabled: boolean) => {
  const { value, revision } = await switchSchedule(org, id, { enabled, now: databaseTime() });
  return { etag: etagOf(revision), view: viewSchedule(value) };
};
