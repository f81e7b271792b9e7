import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseTime } from '../../platform/firestore.ts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { nextPageToken, pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import { discardDeadLetter, getDeadLetter, listDeadLetters, replayDeadLetter } from '../index.ts';
import { deadLetterId } from '../schemas.ts';
import { answer, bearer, operators } from '../../platform/http/operation.ts';
import { deadLetterView, viewDeadLetter } from './views.ts';

const tags = ['Dead letters'];
const security = bearer;
const params = z.object({ deadLetter: deadLetterId });

const list = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  operationId: 'listDeadLetters',
  summary: 'List the messages that could not be used',
  description: 'Messages of the topics that did not fit, and work that failed whatever was done about it.',
  tags,
  security,
  middleware: operators,
  request: { query: z.object({ pageSize, pageToken: deadLetterId.optional() }) },
  responses: {
    200: answer(
      z.object({ deadLetters: z.array(deadLetterView), nextPageToken }).openapi('DeadLetterPage'),
      'A page of dead letters, newest first.',
    ),
    ...problems(400, 401, 403),
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/dead-letters/{deadLetter}',
  operationId: 'getDeadLetter',
  summary: 'Read a message that could not be used, with the reason',
  description: 'With the payload as it came and every field that did not fit.',
  tags,
  security,
  middleware: operators,
  request: { params },
  responses: { 200: answer(deadLetterView, 'The dead letter.'), ...problems(400, 401, 403, 404) },
});

const replay = createRoute({
  method: 'post',
  path: '/v1/dead-letters/{deadLetter}/replay',
  operationId: 'replayDeadLetter',
  summary: 'Send the message again, corrected if need be',
  description:
    'Replaying twice makes one task. Only what others publish, on `coordination-tasks`, can be corrected: the service’s own messages are sent as they were. Work that failed for good is tried again as a new task.',
  tags,
  security,
  middleware: [operators, jsonBody] as const,
  request: {
    params,
    body: {
      required: false,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              payload: z
                .unknown()
                .optional()
                .openapi({ description: 'Sent instead of the original; left out: the original.' }),
            })
            .openapi('Replay', { example: { payload: { org: 'acme', title: 'Add an endpoint' } } }),
        },
      },
    },
  },
  responses: {
    200: answer(deadLetterView, 'The dead letter, marked as replayed.'),
    ...problems(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const discard = createRoute({
  method: 'post',
  path: '/v1/dead-letters/{deadLetter}/discard',
  operationId: 'discardDeadLetter',
  summary: 'Put the message aside for good',
  description: 'It stays readable. Discarding twice is harmless.',
  tags,
  security,
  middleware: operators,
  request: { params },
  responses: { 200: answer(deadLetterView, 'The dead letter, discarded.'), ...problems(400, 401, 403, 404, 409) },
});

export const deadLetterRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const { deadLetters, nextPageToken } = await listDeadLetters(c.get('caller').org, c.req.valid('query'));
      return c.json({ deadLetters: deadLetters.map(viewDeadLetter), nextPageToken }, 200);
    })
    .openapi(read, async (c) => {
      return c.json(viewDeadLetter(await getDeadLetter(c.get('caller').org, c.req.valid('param').deadLetter)), 200);
    })
    .openapi(replay, async (c) => {
      const { org, uid, role } = c.get('caller');
      const replayed = await replayDeadLetter(org, c.req.valid('param').deadLetter, {
        ...c.req.valid('json'),
        by: { channel: 'http', uid, role },
        now: databaseTime(),
      });
      return c.json(viewDeadLetter(replayed), 200);
    })
    .openapi(discard, async (c) => {
      const id = c.req.valid('param').deadLetter;
      return c.json(viewDeadLetter(await discardDeadLetter(c.get('caller').org, id, databaseTime())), 200);
    });
