import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterEach, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import type { OrgId } from '../schemas.ts';
import type { ApiEnv } from './env.ts';
import { answerEvents, type EventSource } from './event-stream.ts';
import { answerProblem } from './problem.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  if (server) await once(server, 'close');
});

/** Serves the stream on a real connection; `ended` settles with the number of events sent. */
const serve = async (source: EventSource) => {
  const ended = Promise.withResolvers<number>();
  const app = new Hono<ApiEnv>().get('/', (c) => {
    c.set('caller', { org: 'acme' as OrgId, uid: c.req.query('uid') ?? 'ada', role: 'member' });
    const response = answerEvents(c, source);
    const stream = c.get('stream') as Promise<number> | undefined;
    void stream?.then(ended.resolve);
    return response;
  });
  app.onError(answerProblem);
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  server = createServer((request, response) => void listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, ended: ended.promise };
};

const untilAborted = (signal: AbortSignal) => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));

test('events carry their id, type and data, and a stream that is over says so', async () => {
  const { url } = await serve({
    maxMs: 60_000,
    produce: async (send) => {
      await send({ id: 'c1', type: 'task.submitted', data: { text: 'two\nlines' } });
      return true;
    },
  });
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(await response.text()).toBe(
    'retry: 1000\n\nevent: task.submitted\ndata: {"text":"two\\nlines"}\nid: c1\n\n: over\n\n',
  );
});

test('an event without an id leaves its reader where it was', async () => {
  const { url } = await serve({
    maxMs: 60_000,
    produce: async (send) => {
      await send({ type: 'progress.changed', data: {} });
      return true;
    },
  });
  expect(await (await fetch(url)).text()).toBe('retry: 1000\n\nevent: progress.changed\ndata: {}\n\n: over\n\n');
});

test('a reader who hangs up stops the producer', async () => {
  const { url, ended } = await serve({
    maxMs: 60_000,
    produce: async (send, signal) => {
      await send({ id: 'c1', type: 'first', data: {} });
      await untilAborted(signal);
      return false;
    },
  });
  const request = get(url);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response, 'data');
  request.destroy();
  expect(await ended).toBe(1);
});

test('a stream ends after its time without saying that it is over, so that the reader reconnects', async () => {
  const { url } = await serve({
    maxMs: 20,
    produce: async (_send, signal) => {
      await untilAborted(signal);
      return false;
    },
  });
  expect(await (await fetch(url)).text()).toBe('retry: 1000\n\n');
});

test('a failing producer ends the stream and tells the reader nothing', async () => {
  const { url, ended } = await serve({
    maxMs: 60_000,
    produce: async (send) => {
      await send({ id: 'c1', type: 'first', data: {} });
      throw new Error('the password is hunter2');
    },
  });
  expect(await (await fetch(url)).text()).not.toMatch(/over|hunter2/);
  expect(await ended).toBe(1);
});

test('HEAD has the head of the stream, and starts no producer', async () => {
  let produced = 0;
  const { url } = await serve({
    maxMs: 60_000,
    produce: () => {
      produced += 1;
      return Promise.resolve(true);
    },
  });
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'text/event-stream', '']);
  await (await fetch(url)).text();
  expect(produced).toBe(1);
});

test('a caller who has 10 streams open gets no more, until one of them is closed', async () => {
  const { url } = await serve({
    maxMs: 60_000,
    produce: async (_, signal) => {
      await untilAborted(signal);
      return false;
    },
  });
  const hangUps = Array.from({ length: 10 }, () => new AbortController());
  for (const { signal } of hangUps) expect((await fetch(url, { signal })).status).toBe(200);
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
  expect(await refused.json()).toMatchObject({ code: 'http.too_many_streams' });
  expect((await fetch(`${url}?uid=bob`)).status).toBe(200);
  hangUps[0]?.abort();
  let status = 429;
  while (status === 429) ({ status } = await fetch(url));
  expect(status).toBe(200);
});

test('streams that ended by themselves count no more', async () => {
  const { url } = await serve({ maxMs: 60_000, produce: () => Promise.resolve(true) });
  for (let times = 0; times < 30; times += 1) expect(await (await fetch(url)).text()).toContain(': over');
});
