// What callers do to a task under way: hold it, answer it, try it again, begin another one from it.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../platform/firestore.ts';
import { keyOfCaller } from '../../platform/idempotency.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { answer, bearer, operators, submitters } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import { filledText } from '../../platform/schemas.ts';
import { forkTask, giveInput, pauseTask, resumeTask, retryTask } from '../index.ts';
import { assignmentId } from '../schemas.ts';
import { accepted, idempotencyKey, inTask, requireOwn } from './operation.ts';
import { taskView, viewTask } from './views.ts';

const tags = ['Tasks'];
const security = bearer;
const taskProblems = problems(400, 401, 403, 404, 409);

/** The new task is a sibling of the one in the path. */
const acceptedBeside = accepted(taskView, 'The new task.', '../tsk_0f3c9a1be47d25c8a6b1');

const pause = createRoute({
  method: 'post',
  path: '/v1/tasks/{task}/pause',
  operationId: 'pauseTask',
  summary: 'Pause a task',
  description:
    'Nothing new is started; what runs already is finished and recorded. The deadline goes on. Pausing twice is harmless.',
  tags,
  security,
  middleware: submitters,
  request: { params: inTask },
  responses: { 200: answer(taskView, 'The paused task.'), ...taskProblems },
});

const resume = createRoute({
  method: 'post',
  path: '/v1/tasks/{task}/resume',
  operationId: 'resumeTask',
  summary: 'Resume a paused task',
  description: 'Resuming twice is harmless.',
  tags,
  security,
  middleware: submitters,
  request: { params: inTask },
  responses: { 200: answer(taskView, 'The task, at work again.'), ...taskProblems },
});

const input = createRoute({
  method: 'post',
  path: '/v1/tasks/{task}/input',
  operationId: 'giveInput',
  summary: 'Answer what a specialist asked',
  description: 'The open questions are among the `waits` of the task. The same answer again is harmless.',
  tags,
  security,
  middleware: [submitters, jsonBody] as const,
  request: {
    params: inTask,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({ assignment: assignmentId, answer: filledText(8_000) })
            .openapi('Input', { example: { assignment: 'contract', answer: 'Region europe-west1.' } }),
        },
      },
    },
  },
  responses: { 200: answer(taskView, 'The task, at work again.'), ...problems(400, 401, 403, 404, 409, 413, 415) },
});

const retry = createRoute({
  method: 'post',
  path: '/v1/tasks/{task}/retry',
  operationId: 'retryTask',
  summary: 'Try a task that ended badly again',
  description:
    'Makes a new task that waits for its turn, takes over every result that stands, and does the rest again. The old task stays as it is. The new one has the same budget, and one hour from now, whatever deadline the old one had.',
  tags,
  security,
  middleware: submitters,
  request: { params: inTask, headers: idempotencyKey },
  responses: { 202: acceptedBeside, ...taskProblems },
});

const fork = createRoute({
  method: 'post',
  path: '/v1/tasks/{task}/fork',
  operationId: 'forkTask',
  summary: 'Begin a new task from any event of this one',
  description:
    'The new task takes over what had been achieved when the event happened, and does the rest its own way. `fromEvent` is the cursor of an event; left out: the latest. The new task has the same budget, and one hour from now, whatever deadline this one has.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    params: inTask,
    headers: idempotencyKey,
    body: {
      required: false,
      content: {
        'application/json': {
          schema: z
            .strictObject({ fromEvent: z.string().max(8_192).optional() })
            .openapi('Fork', { example: { fromEvent: 'mfs3k2p1-3.2.2' } }),
        },
      },
    },
  },
  responses: { 202: acceptedBeside, ...problems(400, 401, 403, 404, 409, 413, 415) },
});

export const controlRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(pause, async (c) => {
      const caller = c.get('caller');
      const id = c.req.valid('param').task;
      await requireOwn(caller, id, 'pause');
      return c.json(viewTask(await pauseTask(caller.org, id, { by: caller.uid })), 200);
    })
    .openapi(resume, async (c) => {
      const caller = c.get('caller');
      const id = c.req.valid('param').task;
      await requireOwn(caller, id, 'resume');
      return c.json(viewTask(await resumeTask(caller.org, id, { by: caller.uid })), 200);
    })
    .openapi(input, async (c) => {
      const caller = c.get('caller');
      const id = c.req.valid('param').task;
      await requireOwn(caller, id, 'answer');
      const { assignment, answer: text } = c.req.valid('json');
      return c.json(viewTask(await giveInput(caller.org, id, { assignment, text, by: caller.uid })), 200);
    })
    .openapi(retry, async (c) => {
      const caller = c.get('caller');
      const source = c.req.valid('param').task;
      await requireOwn(caller, source, 'retry');
      const { task, replayed } = await retryTask({
        org: caller.org,
        source,
        key: keyOfCaller(caller.uid, c.req.valid('header')['Idempotency-Key']),
        submittedBy: { channel: 'http', uid: caller.uid, role: caller.role },
        now: databaseTime(),
      });
      c.header('Location', `../${task.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewTask(task), 202);
    })
    .openapi(fork, async (c) => {
      const { org, uid, role } = c.get('caller');
      const { task, replayed } = await forkTask({
        org,
        source: c.req.valid('param').task,
        cursor: c.req.valid('json').fromEvent,
        key: keyOfCaller(uid, c.req.valid('header')['Idempotency-Key']),
        submittedBy: { channel: 'http', uid, role },
        now: databaseTime(),
      });
      c.header('Location', `../${task.id}`);
      if (replayed) c.header('Idempotent-Replayed', 'true');
      return c.json(viewTask(task), 202);
    });
