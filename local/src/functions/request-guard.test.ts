// What the deployed module makes of requests that nobody should read: under the functions-framework as in production, and in the
// instance that the local suite shares between all functions.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { build } from '../../../functions/build.ts';
import { instanceEnvironment } from './environment.ts';
import { isolatedLaunch, sharedLaunch, startInstance, type Launch, type StartedInstance } from './instance.ts';
import type { FunctionSpec } from './manifest.ts';

jest.setTimeout(120_000);

const directory = path.join(import.meta.dirname, '../../../functions');
const specOf = (name: string, trigger: FunctionSpec['trigger']): FunctionSpec => ({
  name,
  entryPoint: name,
  region: 'us-central1',
  timeoutMs: 60_000,
  concurrency: 80,
  maxInstances: 1,
  trigger,
});
const api = specOf('api', { kind: 'https' });
const planTask = specOf('planTask', { kind: 'pubsub', topic: 'task-created', retry: true });

const environment = {
  ...instanceEnvironment({
    project: 'demo-request-guard',
    revision: 1,
    inherited: process.env,
    given: { CORS_ORIGINS: 'https://app.example' },
  }),
  // Little enough that a body which is inflated ends the process.
  NODE_OPTIONS: '--max-old-space-size=128',
};
const options = { directory, imports: [], environment };
const launches: Record<string, { launch: () => Launch; name: string }> = {
  'the framework, serving the API': { launch: () => isolatedLaunch(api, options), name: 'api' },
  'the framework, serving an event': { launch: () => isolatedLaunch(planTask, options), name: 'planTask' },
  'an instance of all functions': { launch: () => sharedLaunch([api, planTask], options), name: 'api' },
};

interface Served {
  readonly instance: StartedInstance;
  readonly port: number;
  readonly prefix: string;
}
const served = new Map<string, Served>();
const output: string[] = [];

beforeAll(async () => {
  await build();
  for (const [title, { launch, name }] of Object.entries(launches)) {
    const made = launch();
    const instance = startInstance(made, (line) => output.push(line));
    const live = await instance.ready;
    if (!live) throw new Error(output.join('\n'));
    served.set(title, { instance, port: live.port, prefix: made.pathOf(name, '') });
  }
});
afterAll(async () => {
  for (const { instance } of served.values()) instance.kill('SIGKILL');
  await Promise.all([...served.values()].map(async ({ instance }) => instance.exited));
});

const servedBy = (title: string): Served => {
  const found = served.get(title);
  if (!found) throw new Error(`${title} is not served`);
  return found;
};

/** Sends bytes as they are and reads what comes back until the server closes. */
const raw = async ({ port }: Served, ...parts: (string | Buffer)[]) => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  const answer = await text(socket);
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body: rest.join('\r\n\r\n') };
};

const zeros = gzipSync(Buffer.alloc(300_000_000));

const peakKiB = ({ instance }: Served): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${instance.pid}/status`, 'utf8'))?.[1]);

const requestLine = (method: string, target: string) => `${method} ${target} HTTP/1.1\r\nhost: localhost\r\n`;
const closing = 'connection: close\r\n';
const bodied = (body: string | Buffer, type = 'application/json') =>
  `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;

const expectProblem = (answer: Awaited<ReturnType<typeof raw>>, status: number, code: string) => {
  expect(answer).toMatchObject({ status, head: expect.stringContaining('content-type: application/problem+json') });
  const document = JSON.parse(answer.body) as Record<string, string>;
  expect(document).toMatchObject({ status, code, type: `/docs/errors/${code}` });
  expect(answer.head).toContain(`x-request-id: ${document['instance']}`);
};

describe.each(Object.keys(launches))('%s', (title) => {
  test('refuses 300 MB of zeros in gzip without inflating them', async () => {
    const to = servedBy(title);
    await raw(to, requestLine('GET', `${to.prefix}/healthz`), closing, '\r\n');
    const before = peakKiB(to);
    for (const type of ['application/json', 'application/octet-stream']) {
      const head = requestLine('POST', `${to.prefix}/v1/tasks`) + closing + bodied(zeros, type);
      const answer = await raw(to, `${head}content-encoding: gzip\r\n\r\n`, zeros);
      expectProblem(answer, 415, 'http.unsupported_content_encoding');
      expect(answer.body.length).toBeLessThan(500);
    }
    expect(peakKiB(to) - before).toBeLessThan(40_000);
  });

  test('refuses a body by its announced length', async () => {
    const to = servedBy(title);
    const head = requestLine('POST', `${to.prefix}/v1/tasks`) + closing;
    const answer = await raw(to, `${head}content-length: 900000000\r\n\r\n`);
    expectProblem(answer, 413, 'http.body_too_large');
  });
});

type Sent = (prefix: string) => string;
const get =
  (target: string, more = ''): Sent =>
  (prefix) =>
    `${requestLine('GET', prefix + target)}${closing}${more}\r\n`;
const post =
  (body: string, type: string, more = ''): Sent =>
  (prefix) =>
    `${requestLine('POST', `${prefix}/v1/tasks`)}${closing}${more}${bodied(body, type)}\r\n${body}`;
const call =
  (method: string, target: string): Sent =>
  (prefix) =>
    `${requestLine(method, prefix + target)}${closing}\r\n`;

const unauthenticated = [401, 'http.unauthenticated'] as const;
const notFound = [404, 'http.route_not_found'] as const;
const malformed = [400, 'http.malformed_request'] as const;

// What the framework would answer with a page of HTML, or not at all. Without a token a readable request is 401.
const requests: [string, Sent, number, string][] = [
  ['an unknown path', get('/nothing/here'), ...notFound],
  ['the root', get('/'), ...notFound],
  ['a doubled slash', get('//v1//tasks'), ...notFound],
  ['dots in the path', get('/v1/../../etc/passwd'), ...notFound],
  ['the icon that browsers ask for', get('/favicon.ico'), ...notFound],
  ['the file that crawlers ask for', get('/robots.txt'), ...notFound],
  ['a % in the path', get('/v1/tasks/%'), ...malformed],
  ['half a character in the path', get('/v1/tasks/%E0%A4%A'), ...malformed],
  ['a backslash in the path', get('/v1\\tasks'), ...malformed],
  ['a % in the query', get('/v1/tasks?pageToken=%'), ...unauthenticated],
  ['a URL of 9,000 characters', get(`/${'a'.repeat(9_000)}`), 414, 'http.url_too_long'],
  ['101 query parameters', get(`/v1/tasks?${'a&'.repeat(100)}`), 414, 'http.url_too_long'],
  ['101 headers', get('/v1/tasks', 'x-a: 1\r\n'.repeat(100)), 431, 'http.headers_too_large'],
  ['headers of 20 kB', get('/v1/tasks', `x-a: ${'a'.repeat(20_000)}\r\n`), 431, 'http.headers_too_large'],
  ['two hosts in one', (prefix) => `GET ${prefix}/ HTTP/1.1\r\nhost: a b\r\n${closing}\r\n`, ...malformed],
  ['no host', (prefix) => `GET ${prefix}/ HTTP/1.1\r\n${closing}\r\n`, ...malformed],
  ['an unknown expectation', get('/nothing', 'expect: a-miracle\r\n'), ...notFound],
  ['a wrong method', call('DELETE', '/healthz'), 405, 'http.method_not_allowed'],
  ['a method of WebDAV', call('PROPFIND', '/v1/tasks'), 405, 'http.method_not_allowed'],
  ['TRACE', call('TRACE', '/v1/tasks'), 405, 'http.method_not_allowed'],
  ['a method that nobody knows', call('BREW', '/v1/tasks'), ...malformed],
  ['what is no HTTP', () => 'hello\r\n\r\n', ...malformed],
  ['an unknown charset', post('{}', 'application/json; charset=foo'), ...unauthenticated],
  [
    'an unknown encoding',
    post('{}', 'application/json', 'content-encoding: foo\r\n'),
    415,
    'http.unsupported_content_encoding',
  ],
  [
    'what only claims to be Brotli',
    post('{}', 'application/json', 'content-encoding: br\r\n'),
    415,
    'http.unsupported_content_encoding',
  ],
  ['2,000 fields of a form', post('a=1&'.repeat(2_000), 'application/x-www-form-urlencoded'), ...unauthenticated],
  ['a form of many levels', post(`a${'[b]'.repeat(60)}=1`, 'application/x-www-form-urlencoded'), ...unauthenticated],
  ['JSON that is malformed', post('{"a":', 'application/json'), ...unauthenticated],
  ['a length and no length', post('{}', 'application/json', 'transfer-encoding: chunked\r\n'), ...malformed],
];

describe.each(['the framework, serving the API', 'an instance of all functions'])('%s', (title) => {
  test.each(requests)('answers %s with a problem', async (_, sent, status, code) => {
    const to = servedBy(title);
    expectProblem(await raw(to, sent(to.prefix)), status, code);
  });

  test('answers HEAD without a body and OPTIONS with none', async () => {
    const to = servedBy(title);
    const head = await raw(to, call('HEAD', '/nothing')(to.prefix));
    expect(head).toMatchObject({ status: 404, body: '' });
    expect(await raw(to, call('OPTIONS', '/healthz')(to.prefix))).toMatchObject({ status: 204, body: '' });
  });

  test('lets a page of an allowed origin read a refusal, and no other page', async () => {
    const to = servedBy(title);
    const from = (origin: string) => get('/%', `origin: ${origin}\r\n`)(to.prefix);
    expect((await raw(to, from('https://app.example'))).head).toContain(
      'access-control-allow-origin: https://app.example',
    );
    expect((await raw(to, from('https://evil.example'))).head).not.toContain('access-control');
  });

  test('keeps a connection on which it refused a body', async () => {
    const to = servedBy(title);
    const refused = `${requestLine('POST', `${to.prefix}/v1/tasks`)}content-encoding: gzip\r\n${bodied('12345')}\r\n12345`;
    const both = await raw(to, refused, get('/healthz')(to.prefix));
    expect(both.body).toContain('{"status":"ok"}');
  });
});

/** A body of 240 MB that does not say so. */
const sendEndless = async (to: Served) => {
  const head = `${requestLine('POST', `${to.prefix}/v1/tasks`)}${closing}content-type: application/json\r\n`;
  const megabyte = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1_048_576), Buffer.from('\r\n')]);
  const parts = Array.from({ length: 240 }, () => megabyte);
  return raw(to, `${head}transfer-encoding: chunked\r\n\r\n`, ...parts, '0\r\n\r\n');
};

test.each(['the framework, serving the API', 'an instance of all functions'])(
  'a body of no announced length is cut at the limit: %s',
  async (title) => {
    const to = servedBy(title);
    const before = peakKiB(to);
    expectProblem(await sendEndless(to), 413, 'http.body_too_large');
    expect(peakKiB(to) - before).toBeLessThan(150_000);
  },
);

test('the connection of an event of no announced length is cut at the limit, and the next event is served', async () => {
  const to = servedBy('the framework, serving an event');
  const before = peakKiB(to);
  await sendEndless(to).catch(() => undefined);
  expect(peakKiB(to) - before).toBeLessThan(150_000);
  const answer = await raw(to, `${requestLine('POST', '/')}${closing}${bodied('{}')}\r\n{}`);
  expect(answer.status).toBeGreaterThanOrEqual(200);
});

test('an event of the API is none: a header does not raise its limit', async () => {
  const to = servedBy('the framework, serving the API');
  const head = `${requestLine('POST', '/')}${closing}ce-type: a\r\nce-id: 1\r\n`;
  expectProblem(await raw(to, `${head}content-length: 2000000\r\n\r\n`), 413, 'http.body_too_large');
});
