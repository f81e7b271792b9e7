// The events of a scratchpad: pages of JSON, or a live stream of server-sent events, from the same URL and with the same cursors.
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
import { bearer, members, represented } from '../../platform/http/operation.ts';
import { problems } from '../../platform/http/problem.ts';
import type { PadEvent } from '../pad-cursor.ts';
import { followPadEvents, readPadEvents } from '../pad-events.ts';
import { inTask, tags } from './operation.ts';
import { padEventView, viewPadEvent } from './views.ts';

/** A cursor names how far the reader is in each section. */
const maxCursorLength = 4_096;

const eventPage = z
  .object({
    events: z.array(padEventView),
    nextPageToken: nextCursor,
    more: z.boolean().openapi({ description: 'There are further events already.' }),
  })
  .openapi('ScratchpadEventPage');

const events = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}/scratchpad/events',
  operationId: 'readScratchpadEvents',
  summary: 'Read or follow the changes of a scratchpad',
  description: [
    'Every revision of every section is an event: edits, merged notes, conflicts, rollbacks, ticked items, archiving, links.',
    'Pages of JSON by default. `nextPageToken` is always there: come back with it for what happens later. With',
    `\`Accept: ${eventStream}\` the answer stays open and sends every event as it happens, with its cursor as the id; it ends`,
    'after some minutes: reconnect with `Last-Event-ID`. The events of each section come in order, without a gap.',
  ].join(' '),
  tags,
  security: bearer,
  middleware: members,
  request: { params: inTask, ...eventRequest(maxCursorLength) },
  responses: {
    200: pageOrStream(eventPage),
    ...problems(400, 401, 403, 404),
  },
});

const sent = (event: PadEvent): ServerEvent => ({
  id: event.cursor,
  type: event.revision.type,
  data: viewPadEvent(event),
});

/** `streamMs`: after that time a stream ends and its reader reconnects. */
export const padEventRoutes = ({ streamMs }: { streamMs: number }) =>
  new OpenAPIHono<ApiEnv>().openapi(events, async (c) => {
    const { org } = c.get('caller');
    const { task } = c.req.valid('param');
    const { pageSize, pageToken } = c.req.valid('query');
    const from = c.req.valid('header')['Last-Event-ID'] ?? pageToken;
    const streams = wantsStream(c);
    // The first page is read before a stream starts: an unknown task or cursor can still be a problem, not a broken stream.
    const first = await readPadEvents(org, task, { cursor: from, pageSize });
    if (!streams) {
      const { nextCursor: nextPageToken, more } = first;
      return c.json({ events: first.events.map(viewPadEvent), nextPageToken, more }, 200);
    }
    const stream = answerEvents(c, {
      maxMs: streamMs,
      produce: async (send, signal) => {
        const onEvents = async (batch: readonly PadEvent[]) => {
          for (const each of batch) await send(sent(each));
        };
        await onEvents(first.events);
        await followPadEvents(org, task, { cursor: first.nextCursor, signal, onEvents });
        return false;
      },
    });
    return represented(stream);
  });
