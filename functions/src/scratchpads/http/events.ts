// The events of a scratchpad: pages of JSON, or a live stream of server-sent events, from the same URL and with the same cursors.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { TaskId } from '../../coordination/schemas.ts';
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
import type { OrgId } from '../../platform/schemas.ts';
import type { PadEvent } from '../pad-cursor.ts';
import { followPadEvents, readPadEvents, type FollowProgress } from '../pad-events.ts';
import type { Progress } from '../render.ts';
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
    'after some minutes: reconnect with `Last-Event-ID`. The events of each section come in order, without a gap. The items of the',
    'specification are ticked by what happens, not by a revision: a stream also sends `progress.changed`, without an id, with all of',
    'them as `progressTracking`, when it starts and whenever one changes.',
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

export interface PadEventOptions {
  /** After that many ms a stream ends and its reader reconnects. */
  readonly streamMs: number;
  /** Tells of the specification's checklist as it stands, and again whenever an item changes, until the signal aborts. */
  readonly followProgress: (org: OrgId, task: TaskId, follow: FollowProgress) => Promise<void>;
}

/** Follows several sources until the signal aborts; when one fails, the others stop. */
const followAll = async (
  signal: AbortSignal,
  followers: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> => {
  const end = new AbortController();
  const either = AbortSignal.any([signal, end.signal]);
  try {
    await Promise.all(followers.map((follow) => follow(either)));
  } finally {
    end.abort();
  }
};

export const padEventRoutes = ({ streamMs, followProgress }: PadEventOptions) =>
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
        const onProgress = (progressTracking: Progress) =>
          send({ type: 'progress.changed', data: { progressTracking } });
        await onEvents(first.events);
        await followAll(signal, [
          (until) => followPadEvents(org, task, { cursor: first.nextCursor, signal: until, onEvents }),
          (until) => followProgress(org, task, { signal: until, onProgress }),
        ]);
        return false;
      },
    });
    return represented(stream);
  });
