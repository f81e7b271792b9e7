// Server-sent events: an answer that stays open, and that a reader may cut and resume at any event by its id.
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { ApiEnv } from './env.ts';

const keepAliveMs = 15_000;
const reconnectMs = 1_000;

/** The comment that ends a stream which will have no more events: who reads comments need not reconnect to learn it. */
const overComment = 'over';

export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

export interface EventSource {
  /** The stream ends after that many ms although more may come: the reader reconnects with its last id. */
  readonly maxMs: number;
  /**
   * Sends events until the signal aborts or there will be no more, and resolves with whether that is so. A failure ends the
   * stream; reconnecting tells the reader why.
   */
  readonly produce: (send: (event: ServerEvent) => Promise<void>, signal: AbortSignal) => Promise<boolean>;
}

/** Answers with the events of `produce`; its signal aborts when the reader hangs up. */
export const answerEvents = (c: Context<ApiEnv>, source: EventSource): Response => {
  const ended = Promise.withResolvers<number>();
  c.set('stream', ended.promise);
  return streamSSE(c, async (stream) => {
    const hangUp = new AbortController();
    const keepAlive = setInterval(() => void stream.write(': keep-alive\n\n'), keepAliveMs);
    stream.onAbort(() => {
      clearInterval(keepAlive);
      hangUp.abort();
    });
    let sent = 0;
    try {
      await stream.write(`retry: ${reconnectMs}\n\n`);
      const signal = AbortSignal.any([hangUp.signal, AbortSignal.timeout(source.maxMs)]);
      const over = await source.produce(async ({ id, type, data }) => {
        await stream.writeSSE({ id, event: type, data: JSON.stringify(data) });
        sent += 1;
      }, signal);
      if (over) await stream.write(`: ${overComment}\n\n`);
    } catch (error) {
      c.set('failure', error);
    } finally {
      clearInterval(keepAlive);
      ended.resolve(sent);
    }
  });
};
