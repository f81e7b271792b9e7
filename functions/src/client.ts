// A typed client of the API, for Node and browsers.
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { hc } from 'hono/client';
import type { Routes } from './api.ts';
import type { TaskEvent } from './coordination/http/views.ts';
import type { Problem } from './platform/http/problem.ts';

export type { TaskEvent };

export interface ClientOptions {
  /** Where the function is, e.g. `https://us-central1-your-project.cloudfunctions.net/api`. */
  readonly baseUrl: string;
  /** The Firebase ID token; asked for before every request, so it may return a fresh one. */
  readonly token: () => string | Promise<string>;
  readonly fetch?: typeof fetch;
}

export interface FollowOptions {
  /** Continue after the event with this cursor; left out: from the first event. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

/** The API refused; `problem.code` says why. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** Between connections, unless the server names another time; doubled by every failure in a row. */
const defaultDelayMs = 1_000;

const longestDelayMs = 30_000;
/** The server sends at least a comment every 15 s: a connection that is silent for longer than this is dead. */
const silenceMs = 45_000;

export const createClient = (options: ClientOptions) => {
  const request: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${await options.token()}`);
    return (options.fetch ?? fetch)(input, { ...init, headers });
  };
  const api = hc<Routes>(options.baseUrl, { fetch: request });

  /**
   * Every event of a task, in order, none twice, from the beginning or after a cursor until the task is over. Reconnects by
   * itself when the connection breaks. What a call that the end cut off has cost may be recorded later, for ten minutes: following
   * again after the last cursor yields it. Throws ApiError when the API refuses, and the signal's reason when it aborts.
   */
  async function* followTask(task: string, { after, signal }: FollowOptions = {}): AsyncGenerator<TaskEvent, void> {
    let cursor = after;
    let failures = 0;
    let delayMs = defaultDelayMs;
    for (;;) {
      const connection = new Connection(signal);
      try {
        const url = api.v1.tasks[':task'].events.$url({ param: { task }, query: {} });
        const response = await request(url, { headers: streamHeaders(cursor), signal: connection.signal });
        if (response.status === 204) return;
        await requireOk(response);
        for await (const event of connection.events(response)) {
          failures = 0;
          cursor = event.cursor;
          yield event;
        }
        if (connection.over) return;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ApiError && !isTransient(error.problem.status)) throw error;
        failures += 1;
      } finally {
        delayMs = connection.retryMs ?? delayMs;
        connection.close();
      }
      await sleep(Math.min(longestDelayMs, delayMs * 2 ** failures), signal);
    }
  }

  return { api, followTask };
};

/** One attempt at the stream; aborted by the caller or by silence. */
class Connection {
  over = false;
  retryMs: number | undefined;
  readonly signal: AbortSignal;
  readonly #silence = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.signal = AbortSignal.any([this.#silence.signal, ...(signal ? [signal] : [])]);
    this.#heard();
  }

  async *events(response: Response): AsyncGenerator<TaskEvent, void> {
    if (!response.body) return;
    const parser = new EventSourceParserStream({
      onRetry: (ms) => {
        this.retryMs = ms;
      },
      onComment: (comment) => {
        this.over ||= comment.trim() === 'over';
      },
    });
    const heard = new TransformStream<string, string>({
      transform: (chunk, controller) => {
        this.#heard();
        controller.enqueue(chunk);
      },
    });
    const decoded = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(heard);
    for await (const { data } of decoded.pipeThrough(parser)) yield JSON.parse(data) as TaskEvent;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#silence.abort();
  }

  #heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#silence.abort(new Error('The event stream fell silent.')), silenceMs);
  }
}

const streamHeaders = (cursor: string | undefined) => ({
  accept: 'text/event-stream',
  ...(cursor !== undefined && { 'last-event-id': cursor }),
});

const requireOk = async (response: Response): Promise<void> => {
  if (!response.ok) throw new ApiError((await response.json()) as Problem);
};

const isTransient = (status: number) => status === 429 || status >= 500;

const sleep = (ms: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
