// The event log of a task: pages of JSON, or a live stream of server-sent events, from the same URL and with the same cursors.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiEnv } from '../../platform/http/env.ts';
import {
  answerEvents,
  eventRequest,
  eventStream,
  nextCursor,
  pageOrStream,
  wantsStream,
  type ServerEvent,
} from '../../platform/http/event-stream.ts';
import { problems } from '../../platform/http/problem.ts';
import { followEvents, readEvents } from '../index.ts';
import { bearer, members, represented } from '../../platform/http/operation.ts';
import { inTask } from './operation.ts';
import { eventView, viewEvent } from './views.ts';

// A cursor names how far the reader is in each of up to some hundred streams.
const maxCursorLength = 8_192;
const firstPageSize = 100;

const eventPage = z
  .object({
    events: z.array(eventView),
    nextPageToken: nextCursor,
    over: z.boolean().openapi({
      description:
        'The task is over and its assignments are closed. All that may follow is what a call that was cut off has cost.',
    }),
  })
  .openapi('EventPage');

const events = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}/events',
  operationId: 'readEvents',
  summary: 'Read or follow the events of a task',
  description: [
    'Pages of JSON by default. `nextPageToken` is always there: come back with it for what happens later, until `over` is true.',
    `With \`Accept: ${eventStream}\` the answer stays open and sends every event as it happens, with its cursor as the id;`,
    'it ends when the task is over, or after some minutes: reconnect with `Last-Event-ID`. When the task is over and nothing',
    'is left to send, the answer is 204, which tells a browser’s EventSource to stop. A call that was under way when the task',
    'ended says what it has cost when its run ends, up to ten minutes later: who accounts for every call comes back then, with',
    'the last cursor, for `assignment.spend_recorded` and `task.spend_recorded`.',
  ].join(' '),
  tags: ['Events'],
  security: bearer,
  middleware: members,
  request: { params: inTask, ...eventRequest(maxCursorLength) },
  responses: {
    200: pageOrStream(eventPage),
    204: { description: 'The task is over and every event so far was sent already; only with an event stream.' },
    ...problems(400, 401, 403, 404),
  },
});

const pick = ({ event, cursor }: Parameters<typeof viewEvent>[0]): ServerEvent => ({
  id: cursor,
  type: event.type,
  data: viewEvent({ event, cursor }),
});

/** `streamMs`: after that time a stream ends and its reader reconnects. */
export const eventRoutes = ({ streamMs }: { streamMs: number }) =>
  new OpenAPIHono<ApiEnv>().openapi(events, async (c) => {
    const { org } = c.get('caller');
    const { task } = c.req.valid('param');
    const { pageSize, pageToken } = c.req.valid('query');
    const from = c.req.valid('header')['Last-Event-ID'] ?? pageToken;
    if (!wantsStream(c)) {
      const page = await readEvents(org, task, { cursor: from, pageSize });
      return c.json({ events: page.events.map(viewEvent), nextPageToken: page.nextCursor, over: page.over }, 200);
    }
    // The first page is read before the answer starts: an unknown task or cursor can still be a problem, not a broken stream.
    const first = await readEvents(org, task, { cursor: from, pageSize: firstPageSize });
    if (first.over && first.events.length === 0) return c.body(null, 204);
    const stream = answerEvents(c, {
      maxMs: streamMs,
      produce: async (send, signal) => {
        const sendAll = async (batch: typeof first.events) => {
          for (const each of batch) await send(pick(each));
        };
        await sendAll(first.events);
        if (first.over) return true;
        await followEvents(org, task, { cursor: first.nextCursor, signal, onEvents: sendAll });
        return !signal.aborted;
      },
    });
    return represented(stream);
  });
