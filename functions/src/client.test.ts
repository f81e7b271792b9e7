import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { ApiError, createClient, type FollowOptions } from './client.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  if (server) await once(server, 'close');
});

type Answer = (response: ServerResponse) => unknown;

/** A server that gives one answer for each request, in turn, and remembers the requests. */
const serve = async (...answers: Answer[]) => {
  const requests: IncomingMessage[] = [];
  server = createServer((request, response) => {
    requests.push(request);
    const answer = answers[requests.length - 1];
    if (answer) answer(response);
    else response.writeHead(500).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let tokens = 0;
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}/api`, token: () => `token-${(tokens += 1)}` });
  const follow = async (options?: FollowOptions) => {
    const cursors: string[] = [];
    for await (const { cursor } of client.followTask('tsk_1', options)) cursors.push(cursor);
    return cursors;
  };
  return { client, follow, requests };
};

const open = (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('retry: 1\n\n');
};
const send = (response: ServerResponse, cursor: string) =>
  response.write(`event: x\ndata: ${JSON.stringify({ cursor })}\nid: ${cursor}\n\n`);

const problem = (status: number, code: string) => (response: ServerResponse) =>
  response.writeHead(status).end(JSON.stringify({ status, code, detail: code }));

test('a broken stream is taken up again after the last event, with a fresh token', async () => {
  const { follow, requests } = await serve(
    (response) => {
      open(response);
      send(response, 'c1');
      response.write('data: {"cursor":"cut', () => response.destroy());
    },
    (response) => {
      open(response);
      send(response, 'c2');
      response.end();
    },
    (response) => {
      open(response);
      send(response, 'c3');
      response.end(': over\n\n');
    },
  );
  expect(await follow()).toEqual(['c1', 'c2', 'c3']);
  expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'c1', 'c2']);
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer token-1',
    'Bearer token-2',
    'Bearer token-3',
  ]);
  expect(requests.map(({ url }) => url)).toEqual(requests.map(() => '/api/v1/tasks/tsk_1/events'));
});

test('following ends when the server says that nothing is left', async () => {
  const { follow, requests } = await serve((response) => response.writeHead(204).end());
  expect(await follow({ after: 'c9' })).toEqual([]);
  expect(requests[0]?.headers['last-event-id']).toBe('c9');
});

test('a passing failure between connections is waited out', async () => {
  const { follow } = await serve(
    (response) => {
      open(response);
      response.end();
    },
    problem(503, 'store.unavailable'),
    problem(429, 'http.too_many_requests'),
    (response) => response.writeHead(502).end('<html>bad gateway</html>'),
    (response) => {
      open(response);
      send(response, 'c1');
      response.end(': over\n\n');
    },
  );
  expect(await follow()).toEqual(['c1']);
});

test('a refusal ends the following', async () => {
  const { follow, requests } = await serve(problem(403, 'http.forbidden'));
  const outcome = await follow().catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ApiError);
  expect(outcome).toMatchObject({ problem: { code: 'http.forbidden' } });
  expect(requests).toHaveLength(1);
});

test('aborting ends the following with the reason, also while it waits', async () => {
  const abort = new AbortController();
  const { follow } = await serve((response) => {
    response.writeHead(503).end('{}');
    response.once('close', () => abort.abort(new Error('enough')));
  });
  await expect(follow({ signal: abort.signal })).rejects.toThrow('enough');
});

test('operations are typed calls under the base address', async () => {
  const { client, requests } = await serve((response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"tasks":[]}'),
  );
  const answer = await client.api.v1.tasks.$get({ query: { state: 'working' } });
  expect(await answer.json()).toEqual({ tasks: [] });
  expect([requests[0]?.url, requests[0]?.headers.authorization]).toEqual([
    '/api/v1/tasks?state=working',
    'Bearer token-1',
  ]);
});
