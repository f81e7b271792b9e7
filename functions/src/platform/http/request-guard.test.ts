import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { guardServer } from './request-guard.ts';
import { maxBodyBytes, maxEventBytes } from './request-limits.ts';

jest.setTimeout(30_000);

/** Stands for the framework: answers with what it was given to read. */
const framework = async (request: IncomingMessage, response: ServerResponse) => {
  const { rawBody } = request as IncomingMessage & { rawBody?: Buffer };
  const left = (await buffer(request)).length;
  response.end(JSON.stringify({ rawBytes: rawBody?.length, left }));
};

let server: Server | undefined;
const listen = async (times: { headersMs?: number; requestMs?: number } = {}) => {
  server = createServer({ connectionsCheckingInterval: 20 }, (request, response) => void framework(request, response));
  guardServer(server, { isEvent: ({ headers }) => 'ce-type' in headers, allowsOrigin: () => false, ...times });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
};
afterEach(() => server?.close().closeAllConnections());

const port = () => (server?.address() as AddressInfo).port;
const post = async (body: Uint8Array<ArrayBuffer> | ReadableStream, headers: Record<string, string> = {}) => {
  await listen();
  return fetch(`http://127.0.0.1:${port()}/`, { method: 'POST', headers, body, duplex: 'half' });
};

/** The same bytes in parts, whose length nobody announces. */
const streamed = (bytes: number) => new Blob([new Uint8Array(bytes)]).stream();

const raw = async (...parts: string[]): Promise<string> => {
  const socket = connect(port(), '127.0.0.1');
  for (const part of parts) socket.write(part);
  return text(socket);
};

describe('a request to the API', () => {
  test.each([
    ['announced', () => new Uint8Array(maxBodyBytes)],
    ['streamed', () => streamed(maxBodyBytes)],
  ])('reaches the framework with its body read: %s', async (_, body) => {
    const response = await post(body());
    expect(await response.json()).toEqual({ rawBytes: maxBodyBytes, left: 0 });
  });

  test.each([
    ['announced', () => new Uint8Array(maxBodyBytes + 1)],
    ['streamed', () => streamed(maxBodyBytes + 1)],
  ])('of one byte too many is refused: %s', async (_, body) => {
    const response = await post(body());
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'http.body_too_large' });
  });

  test('without a body is passed on as it is', async () => {
    await listen();
    const response = await fetch(`http://127.0.0.1:${port()}/`);
    expect(await response.json()).toEqual({ left: 0 });
  });
});

describe('an event', () => {
  const ce = { 'ce-type': 'message' };

  test.each([
    ['announced', () => new Uint8Array(maxEventBytes)],
    ['streamed', () => streamed(maxEventBytes)],
  ])('is left to the framework to read: %s', async (_, body) => {
    const response = await post(body(), ce);
    expect(await response.json()).toEqual({ left: maxEventBytes });
  });

  test('that is announced too large is refused', async () => {
    expect((await post(new Uint8Array(maxEventBytes + 1), ce)).status).toBe(413);
  });

  test('that becomes too large loses its connection', async () => {
    await expect(post(streamed(maxEventBytes + 1), ce)).rejects.toThrow('fetch failed');
  });
});

test.each([
  ['headers', 'POST / HTTP/1.1\r\nhost: a\r\n'],
  ['a body', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n12345'],
])('%s that never come to their end are refused', async (_, sent) => {
  await listen({ headersMs: 100, requestMs: 200 });
  const answer = await raw(sent);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain('"code":"http.request_timeout"');
});

test('a chunk that is none is refused although the request has begun', async () => {
  await listen();
  const answer = await raw('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n', 'five\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"code":"http.malformed_request"');
});
