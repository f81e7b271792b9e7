import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../platform/firestore.ts';
import { keyOfCaller } from '../../platform/idempotency.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import {
  answer,
  bearer,
  etagHeader,
  etagOf,
  idempotencyKeyHeader,
  ifMatchHeader,
  ifUnchanged,
  madeHeaders,
  members,
  operators,
  seenRevision,
} from '../../platform/http/operation.ts';
import { nextPageToken, pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import { changeSchedule, getSchedule, removeSchedule } from '../change-schedule.ts';
import { createSchedule } from '../create-schedule.ts';
import { pageOfSchedules } from '../schedules.firestore.ts';
import { scheduleId } from '../schemas.ts';
import { inSchedule, tags } from './operation.ts';
import { scheduleChangesView, scheduleSettingsView, scheduleView, viewSchedule } from './views.ts';

const security = bearer;

const create = createRoute({
  method: 'post',
  path: '/v1/schedules',
  operationId: 'createSchedule',
  summary: 'Have a task handed in again and again',
  description:
    'Each run hands in `submission` as a task of its own. A pattern of fixed times runs once for each on every day: one that the clock skips in spring when it has jumped, one that it repeats in autumn the first time. A pattern with `*` or a step in its minute or hour is an interval and keeps it. Of the runs missed in an outage only the latest is made up for.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    headers: idempotencyKeyHeader(),
    body: { required: true, content: { 'application/json': { schema: scheduleSettingsView } } },
  },
  responses: {
    201: {
      ...answer(scheduleView, 'The schedule.'),
      headers: etagHeader.extend(madeHeaders('The schedule', 'schedules/sch_5d2e8f7a90b1c3d4e6f7').shape),
    },
    ...problems(400, 401, 403, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/schedules',
  operationId: 'listSchedules',
  summary: 'List the schedules, newest first',
  description: 'Paused ones too.',
  tags,
  security,
  middleware: members,
  request: { query: z.object({ pageSize, pageToken: scheduleId.optional() }) },
  responses: {
    200: answer(
      z.object({ schedules: z.array(scheduleView), nextPageToken }).openapi('SchedulePage'),
      'A page of schedules.',
    ),
    ...problems(400, 401, 403),
  },
});

const withEtag = { ...answer(scheduleView, 'The schedule.'), headers: etagHeader };

const read = createRoute({
  method: 'get',
  path: '/v1/schedules/{schedule}',
  operationId: 'getSchedule',
  summary: 'Read a schedule',
  description: 'With its next five runs; the `ETag` is what `If-Match` takes.',
  tags,
  security,
  middleware: members,
  request: { params: inSchedule },
  responses: { 200: withEtag, ...problems(400, 401, 403, 404) },
});

const change = createRoute({
  method: 'patch',
  path: '/v1/schedules/{schedule}',
  operationId: 'changeSchedule',
  summary: 'Change when a schedule runs, or what',
  description: 'Tasks that it has handed in are not touched. A run changes the `ETag` too.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    params: inSchedule,
    headers: ifMatchHeader,
    body: { required: true, content: { 'application/json': { schema: scheduleChangesView } } },
  },
  responses: { 200: withEtag, ...problems(400, 401, 403, 404, 412, 413, 415, 428) },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/schedules/{schedule}',
  operationId: 'deleteSchedule',
  summary: 'Delete a schedule',
  description: 'Tasks that it has handed in go on.',
  tags,
  security,
  middleware: operators,
  request: { params: inSchedule, headers: ifMatchHeader },
  responses: { 204: { description: 'It is gone.' }, ...problems(400, 401, 403, 404, 412, 428) },
});

export const scheduleRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(create, async (c) => {
      const { org, uid } = c.get('caller');
      const { value, revision, replayed } = await createSchedule({
        org,
        settings: c.req.valid('json'),
        key: keyOfCaller(uid, c.req.valid('header')['Idempotency-Key']),
        createdBy: uid,
        now: databaseTime(),
      });
      c.header('Location', `schedules/${value.id}`);
      c.header('ETag', etagOf(revision));
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewSchedule(value), 201);
    })
    .openapi(list, async (c) => {
      const { records, nextPageToken } = await pageOfSchedules(c.get('caller').org, c.req.valid('query'));
      return c.json({ schedules: records.map(viewSchedule), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const { value, revision } = await getSchedule(c.get('caller').org, c.req.valid('param').schedule);
      c.header('ETag', etagOf(revision));
      return c.json(viewSchedule(value), 200);
    })
    .openapi(change, async (c) => {
      const { org } = c.get('caller');
      const id = c.req.valid('param').schedule;
      const edit = { changes: c.req.valid('json'), seen: seenRevision(c.req.valid('header')), now: databaseTime() };
      const { value, revision } = await ifUnchanged(() => changeSchedule(org, id, edit));
      c.header('ETag', etagOf(revision));
      return c.json(viewSchedule(value), 200);
    })
    .openapi(remove, async (c) => {
      const { org } = c.get('caller');
      const id = c.req.valid('param').schedule;
      const seen = seenRevision(c.req.valid('header'));
      await ifUnchanged(() => removeSchedule(org, id, seen));
      return c.body(null, 204);
    });
