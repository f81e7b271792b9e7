import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Instance } from './instance.ts';
import { proxy } from './proxy.ts';

const servers: Server[] = [];
const agents: Agent[] = [];

const listen = async (handler: RequestListener): Promise<number> => {
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The URL of a proxy before an instance that behaves like `handler`. */
const proxied = async (handler: RequestListener, timeoutMs = 60_000): Promise<string> => {
  const port = await listen(handler);
  const agent = new Agent({ keepAlive: true });
  agents.push(agent);
  const instance: Instance = { pid: 0, port, functions: [], pathOf: (_, rest) => rest, agent, inFlight: 0 };
  const front = await listen(
    (request, response) => void proxy(request, response, instance, { path: '/inner?x=1', timeoutMs }),
  );
  return `http://127.0.0.1:${front}/outer`;
};

describe('the proxy', () => {
  test('passes method, headers and body on, and the answer with repeated headers back', async () => {
    const url = await proxied((request, response) => {
      void text(request).then((body) => {
        response.writeHead(201, [
          ...['set-cookie', 'a=1'],
          ...['set-cookie', 'b=2'],
          ...[
            'x-seen',
            `${request.method ?? ''} ${request.url ?? ''} ${String(request.headers['x-forwarded-for'])} ${body}`,
          ],
        ]);
        response.end('made');
      });
    });
    const answer = await fetch(url, { method: 'PUT', body: 'the body' });
    expect(answer.status).toBe(201);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answer.headers.get('x-seen')).toBe('PUT /inner?x=1 127.0.0.1 the body');
    expect(await answer.text()).toBe('made');
  });

  test('passes each piece of a stream on as it comes', async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<ServerResponse>();
    const url = await proxied((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      open(response);
    });
    const answer = await fetch(url);
    const upstream = await opened;
    const pieces = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    for (const piece of ['data: 1\n\n', 'data: 2\n\n']) {
      upstream.write(piece);
      expect((await pieces.read()).value).toBe(piece);
    }
    upstream.end();
    expect((await pieces.read()).done).toBe(true);
  });

  test('a client that hangs up is noticed by the instance', async () => {
    const { promise: hungUp, resolve } = Promise.withResolvers<undefined>();
    const url = await proxied((_, response) => {
      response.on('close', () => resolve(undefined));
      response.write('data: first\n\n');
    });
    const client = new AbortController();
    await fetch(url, { signal: client.signal });
    client.abort();
    await expect(hungUp).resolves.toBeUndefined();
  });

  test('an instance that dies in the middle of an answer cuts the connection, so that nobody takes the answer for whole', async () => {
    const url = await proxied((request, response) => {
      response.write('half');
      setImmediate(() => request.socket.destroy());
    });
    const answer = await fetch(url);
    await expect(answer.text()).rejects.toThrow();
  });

  test('an instance that dies before it answers is a 503 that may be tried again', async () => {
    const answer = await fetch(await proxied((request) => void request.socket.destroy()));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  test('a function that does not answer in time is a 504', async () => {
    expect((await fetch(await proxied(() => undefined, 20))).status).toBe(504);
  });
});
