// The events of a scratchpad: pages of JSON, or a live stream of server-sent events, from the same URL and with the same cursors.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import type { ApiEnv } from '../../platform/http/env.ts';
import { answerEvents, type ServerEvent } from '../../platform/http/event-stream.ts';
import { alsoAs, anyRole, bearer, represented } from '../../platform/http/operation.ts';
import { pageSize } from '../../platform/http/pages.ts';
import { problems } from '../../platform/http/problem.ts';
import type { PadEvent } from '../pad-cursor.ts';
import { followPadEvents, readPadEvents } from '../pad-events.ts';
import { inTask, tags } from './operation.ts';
import { padEventView, viewPadEvent } from './views.ts';

/** A cursor names how far the reader is in each section. */
const maxCursorLength = 4_096;
const eventStream = 'text/event-stream';

const cursor = z
  .string()
  .max(maxCursorLength)
  .regex(/^[\x21-\x7e]+$/, 'must be a cursor that this API has handed out')
  .optional();

const eventPage = z
  .object({
    events: z.array(padEventView),
    nextPageToken: z.string().openapi({ description: 'Where to go on, also when this page is empty.' }),
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
  middleware: anyRole,
  request: {
    params: inTask,
    query: z.object({
      pageSize,
      pageToken: cursor.openapi({ description: 'The `nextPageToken` of the last page, or the `cursor` of an event.' }),
    }),
    headers: z.object({
      'Last-Event-ID': cursor.openapi({ description: 'The id of the last event that you have seen.' }),
    }),
  },
  responses: {
    200: {
      description: 'A page of events, or the stream of them.',
      content: { 'application/json': { schema: eventPage }, ...alsoAs(eventStream) },
    },
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
    c.header('Vary', 'Accept', { append: true });
    const type = accepts(c, {
      header: 'Accept',
      supports: ['application/json', eventStream],
      default: 'application/json',
    });
    // The first page is read before a stream starts: an unknown task or cursor can still be a problem, not a broken stream.
    const first = await readPadEvents(org, task, { cursor: from, pageSize });
    if (type !== eventStream) {
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
