import { describe, expect, test } from '@jest/globals';
import { ProviderFailure, type FailureKind } from '../failures.ts';
import { providers } from '../schemas.ts';
import { dialects, request } from '../testing/dialects.ts';
import { startProviderServer, unreachableUrl, type Reply } from '../testing/provider-server.ts';
import type { ProviderAnswer } from './provider.ts';

const TIMEOUT_MS = 20_000;
const SHORT_TIMEOUT_MS = 200;

const failureOf = async (answer: Promise<ProviderAnswer>): Promise<ProviderFailure> => {
  const failure = await answer.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof ProviderFailure) return failure;
  throw new Error('expected a ProviderFailure', { cause: failure });
};

describe.each(providers)('the adapter for %s', (name) => {
  const dialect = dialects[name];

  const ask = (url: string, options: { signal?: AbortSignal; timeoutMs?: number } = {}) =>
    dialect.connect(url)({
      model: dialect.model,
      request,
      signal: options.signal ?? new AbortController().signal,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    });

  const failWith = async (reply: Reply, timeoutMs = TIMEOUT_MS) => {
    await using server = await startProviderServer(reply);
    const failure = await failureOf(ask(server.url, { timeoutMs }));
    expect(server.requests).toHaveLength(1);
    return failure;
  };

  test('returns the visible text, the buckets and the request id', async () => {
    await using server = await startProviderServer(dialect.answer('{"category":"api"}'));

    const answer = await ask(server.url);

    expect(answer).toEqual({
      text: '{"category":"api"}',
      usage: dialect.usage,
      providerRequestId: `req_${name}`,
    });
  });

  test('serves several calls at once', async () => {
    await using server = await startProviderServer(dialect.answer('1'), dialect.answer('2'));
    const provider = dialect.connect(server.url);
    const call = { model: dialect.model, request, signal: new AbortController().signal, timeoutMs: TIMEOUT_MS };

    const answers = await Promise.all([provider(call), provider(call)]);

    expect(answers.map(({ text }) => text).sort()).toEqual(['1', '2']);
  });

  test.each<{ status: number; code: string; message: string; kind: FailureKind }>([
    { status: 401, code: 'authentication_error', message: 'bad key', kind: 'unauthorized' },
    { status: 403, code: 'permission_error', message: 'not yours', kind: 'unauthorized' },
    { status: 404, code: 'not_found_error', message: 'no such model', kind: 'model_not_found' },
    { status: 400, code: 'invalid_request_error', message: 'max_tokens is required', kind: 'bad_request' },
    { status: 413, code: 'request_too_large', message: 'too large', kind: 'context_length' },
    { status: 429, code: 'rate_limit_error', message: 'slow down', kind: 'rate_limited' },
    { status: 500, code: 'internal', message: 'oops', kind: 'server_error' },
    { status: 503, code: 'unavailable', message: 'try later', kind: 'overloaded' },
    { status: 529, code: 'overloaded_error', message: 'overloaded', kind: 'overloaded' },
  ])('calls $status $code $kind, and asks once only', async ({ status, code, message, kind }) => {
    const failure = await failWith(dialect.error(status, code, message));

    expect(failure).toMatchObject({ kind, usage: null });
  });

  test('reports how long a rate limit lasts', async () => {
    const reply = dialect.error(429, 'rate_limit_error', 'slow down');

    const failure = await failWith({ ...reply, headers: { 'retry-after': '7' } });

    expect(failure).toMatchObject({ kind: 'rate_limited', retryAfterMs: 7000 });
  });

  test('calls an error page without JSON by its status', async () => {
    const failure = await failWith({
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Bad gateway</h1>',
    });

    expect(failure.kind).toBe('server_error');
  });

  test.each<[string, unknown]>([
    ['broken JSON', '{"id": '],
    ['a JSON value of another shape', { hello: 'world' }],
    ['an empty object', {}],
    ['nothing', ''],
  ])('calls %s malformed', async (_what, body) => {
    const failure = await failWith({ body });

    expect(failure.kind).toBe('malformed');
  });

  test('never returns a truncated answer, but says what it used', async () => {
    const failure = await failWith(dialect.truncated);

    expect(failure).toMatchObject({ kind: 'truncated', usage: dialect.usage, providerRequestId: `req_${name}` });
  });

  test('never returns a refusal, but says what it used', async () => {
    const failure = await failWith(dialect.refused);

    expect(failure).toMatchObject({ kind: 'refused', usage: dialect.usage });
  });

  test('calls an answer without text malformed, but says what it used', async () => {
    const failure = await failWith(dialect.answer(''));

    expect(failure).toMatchObject({ kind: 'malformed', usage: dialect.usage });
  });

  test('notices an answer that is cut off', async () => {
    const failure = await failWith({ cut: dialect.answer('{"category":"api"}').body });

    expect(failure.kind).toBe('connection');
  });

  test('notices that nobody is there', async () => {
    const failure = await failureOf(ask(await unreachableUrl()));

    expect(failure.kind).toBe('unreachable');
  });

  test.each<[string, Reply]>([
    ['never starts', 'hang'],
    ['stalls halfway', { stall: dialect.answer('{"category":"api"}').body }],
  ])('gives up on an answer that %s', async (_what, reply) => {
    const failure = await failWith(reply, SHORT_TIMEOUT_MS);

    expect(failure.kind).toBe('timeout');
  });

  test('stops when the caller aborts', async () => {
    await using server = await startProviderServer('hang');
    const controller = new AbortController();
    const arrival = server.arrival();
    const failing = failureOf(ask(server.url, { signal: controller.signal }));
    await arrival;
    controller.abort();

    expect((await failing).kind).toBe('aborted');
  });

  test('does not call when the caller has aborted already', async () => {
    await using server = await startProviderServer(dialect.answer('{}'));

    const failure = await failureOf(ask(server.url, { signal: AbortSignal.abort() }));

    expect(failure.kind).toBe('aborted');
    expect(server.requests).toHaveLength(0);
  });
});
