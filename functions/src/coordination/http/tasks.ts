import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../platform/firestore.ts';
import { keyOfCaller } from '../../platform/idempotency.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { nextPageToken, pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import { cancelTask, getTask, listTasks, submitTask } from '../index.ts';
import { submission, taskId, taskState } from '../schemas.ts';
import { answer, bearer, members, submitters } from '../../platform/http/operation.ts';
import { accepted, idempotencyKey, inTask, requireOwn } from './operation.ts';
import { taskView, viewTask } from './views.ts';

const tags = ['Tasks'];
const security = bearer;

const example = {
  title: 'Add an endpoint for extracting metadata from documents',
  category: 'api-design',
  priority: 'high',
  service: 'documents',
  budgetNanoUsd: '500000000',
  plan: [
    { id: 'contract', specialist: 'api-designer', title: 'Design the API', artifactKind: 'openapi' },
    { id: 'code', specialist: 'nodejs-expert', title: 'Write it', artifactKind: 'typescript', dependsOn: ['contract'] },
  ],
};

const submit = createRoute({
  method: 'post',
  path: '/v1/tasks',
  operationId: 'submitTask',
  summary: 'Hand in a task',
  description: 'Answers as soon as the task is recorded; follow its events to see it through.',
  tags,
  security,
  middleware: [submitters, jsonBody] as const,
  request: {
    headers: idempotencyKey,
    body: { required: true, content: { 'application/json': { schema: submission, example } } },
  },
  responses: {
    202: accepted(taskView, 'The task is recorded and will be worked on.', 'tasks/tsk_0f3c9a1be47d25c8a6b1'),
    ...problems(400, 401, 403, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/tasks',
  operationId: 'listTasks',
  summary: 'List tasks, newest first',
  description: 'Without a filter in every state. The next page begins after `pageToken`.',
  tags,
  security,
  middleware: members,
  request: { query: z.object({ pageSize, pageToken: taskId.optional(), state: taskState.optional() }) },
  responses: {
    200: answer(z.object({ tasks: z.array(taskView), nextPageToken }).openapi('TaskPage'), 'A page of tasks.'),
    ...problems(400, 401, 403),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}',
  operationId: 'getTask',
  summary: 'Read a task',
  description:
    'Its state, what it waits for, its plan and what analysis and planning have cost. Follow its events to see it change.',
  tags,
  security,
  middleware: members,
  request: { params: inTask },
  responses: { 200: answer(taskView, 'The task.'), ...problems(400, 401, 403, 404) },
});

const cancel = createRoute({
  method: 'post',
  path: '/v1/tasks/{task}/cancel',
  operationId: 'cancelTask',
  summary: 'Cancel a task',
  description: 'Stops all spending on it. A member may cancel only what they submitted. Cancelling twice is harmless.',
  tags,
  security,
  middleware: submitters,
  request: { params: inTask },
  responses: { 200: answer(taskView, 'The cancelled task.'), ...problems(400, 401, 403, 404, 409) },
});

export const taskRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(submit, async (c) => {
      const { org, uid, role } = c.get('caller');
      const { task, replayed } = await submitTask({
        org,
        submission: c.req.valid('json'),
        key: keyOfCaller(uid, c.req.valid('header')['Idempotency-Key']),
        submittedBy: { channel: 'http', uid, role },
        now: databaseTime(),
      });
      c.header('Location', `tasks/${task.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewTask(task), 202);
    })
    .openapi(list, async (c) => {
      const { tasks, nextPageToken } = await listTasks(c.get('caller').org, c.req.valid('query'));
      return c.json({ tasks: tasks.map(viewTask), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      const task = await getTask(c.get('caller').org, c.req.valid('param').task);
      return c.json(viewTask(task), 200);
    })
    .openapi(cancel, async (c) => {
      const caller = c.get('caller');
      const id = c.req.valid('param').task;
      await requireOwn(caller, id, 'cancel');
      return c.json(viewTask(await cancelTask(caller.org, id, { by: caller.uid })), 200);
    });
