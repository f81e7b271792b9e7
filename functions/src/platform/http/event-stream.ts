// Server-sent events: an answer that stays open, and that a reader may cut and resume at any event by its id.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { streamSSE } from 'hono/streaming';
import type { ApiEnv } from './env.ts';
import { alsoAs } from './operation.ts';
import { pageSize } from './pages.ts';
import { makeStreamSlots } from './stream-slots.ts';

export const eventStream = 'text/event-stream';

/** Where a reader of events goes on: said by the query or, as an EventSource does when it reconnects, by the header. */
export const eventRequest = (maxCursorLength: number) => {
  const cursor = z
    .string()
    .max(maxCursorLength)
    .regex(/^[\x21-\x7e]+$/, 'must be a cursor that this API has handed out')
    .optional();
  return {
    query: z.object({
      pageSize,
      pageToken: cursor.openapi({ description: 'The `nextPageToken` of the last page, or the `cursor` of an event.' }),
    }),
    headers: z.object({
      'Last-Event-ID': cursor.openapi({ description: 'The id of the last event that you have seen.' }),
    }),
  };
};

/** Unlike that of a list, it is there on the last page too: there may be more to come. */
export const nextCursor = z.string().openapi({ description: 'Where to go on, also when this page is empty.' });

export const pageOrStream = <S extends z.ZodType>(page: S) => ({
  description: 'A page of events, or the stream of them.',
  content: { 'application/json': { schema: page }, ...alsoAs(eventStream) },
});

/** Whether the caller wants the stream; the answer says that it varies by that. */
export const wantsStream = (c: Context<ApiEnv>): boolean => {
  c.header('Vary', 'Accept', { append: true });
  const supports = ['application/json', eventStream];
  return accepts(c, { header: 'Accept', supports, default: 'application/json' }) === eventStream;
};

const keepAliveMs = 15_000;
const reconnectMs = 1_000;

/** The comment that ends a stream which has come to its end: who reads comments need not reconnect to learn it. */
const overComment = 'over';

export interface ServerEvent {
  /** Where its reader comes back to; without one, the reader stays where the event before has brought it. */
  readonly id?: string;
  readonly type: string;
  readonly data: unknown;
}

export interface EventSource {
  /** The stream ends after that many ms although more may come: the reader reconnects with its last id. */
  readonly maxMs: number;
  /**
   * Sends events until the signal aborts or the stream has come to its end, and resolves with whether it has. A failure ends the
   * stream; reconnecting tells the reader why.
   */
  readonly produce: (send: (event: ServerEvent) => Promise<void>, signal: AbortSignal) => Promise<boolean>;
}

/** An instance takes 80 requests at a time: see `concurrency` in index.ts. */
const takeSlot = makeStreamSlots({ perCaller: 10, perInstance: 60 });

/**
 * Answers with the events of `produce`; its signal aborts when the reader hangs up. HEAD gets the head and nothing is produced. Throws
 * http.too_many_streams.
 */
export const answerEvents = (c: Context<ApiEnv>, source: EventSource): Response => {
  // Hono runs HEAD as GET and drops the body without cancelling it: its producer would wait for a reader for ever.
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': eventStream });
  const { org, uid } = c.get('caller');
  const release = takeSlot(`${org}/${uid}`);
  const ended = Promise.withResolvers<number>();
  c.set('stream', ended.promise);
  return streamSSE(c, async (stream) => {
    const hangUp = new AbortController();
    const keepAlive = setInterval(() => void stream.write(': keep-alive\n\n'), keepAliveMs);
    const stop = () => {
      clearInterval(keepAlive);
      hangUp.abort();
      release();
    };
    stream.onAbort(stop);
    // A reader may be gone before anything was read for it, of which the stream would not learn.
    whenClosed(c, stop);
    let sent = 0;
    try {
      await stream.write(`retry: ${reconnectMs}\n\n`);
      const signal = AbortSignal.any([hangUp.signal, AbortSignal.timeout(source.maxMs)]);
      const over = await source.produce(async ({ id, type, data }) => {
        await stream.writeSSE({ ...(id !== undefined && { id }), event: type, data: JSON.stringify(data) });
        sent += 1;
      }, signal);
      if (over) await stream.write(`: ${overComment}\n\n`);
    } catch (error) {
      c.set('failure', error);
    } finally {
      stop();
      ended.resolve(sent);
    }
  });
};

const whenClosed = (c: Context<ApiEnv>, stop: () => void): void => {
  const outgoing = c.env?.outgoing;
  if (outgoing?.destroyed === true) stop();
  else outgoing?.once('close', stop);
};
