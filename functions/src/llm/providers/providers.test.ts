import { describe, expect, test } from '@jest/globals';
import { ProviderFailure, type FailureKind } from '../failures.ts';
import { providers, type ProviderName } from '../schemas.ts';
import { dialects, request } from '../testing/dialects.ts';
import { startProviderServer, unreachableUrl, type Reply } from '../testing/provider-server.ts';
import { modelRow } from '../models.ts';
import type { CallLimits } from './call-watch.ts';
import type { ProviderAnswer, ProviderCall } from './provider.ts';

const TIMEOUT_MS = 20_000;
const SHORT_MS = 200;

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

  interface Asked {
    readonly signal?: AbortSignal;
    readonly limits?: Partial<CallLimits>;
  }

  const callOf = ({ signal, limits }: Asked = {}): ProviderCall => ({
    model: dialect.model,
    request,
    maxOutputTokens: 500,
    thinking: modelRow(name, dialect.model)?.thinking ?? 'none',
    signal: signal ?? new AbortController().signal,
    limits: { firstEventMs: TIMEOUT_MS, silenceMs: TIMEOUT_MS, overallMs: TIMEOUT_MS, ...limits },
  });

  const ask = (url: string, asked: Asked = {}) => dialect.connect(url)(callOf(asked));

  const failWith = async (reply: Reply, limits: Partial<CallLimits> = {}) => {
    await using server = await startProviderServer(reply);
    const failure = await failureOf(ask(server.url, { limits }));
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
    const call = callOf();

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
    ['a page', '<html>'],
    ['nothing', ''],
  ])('calls %s instead of a stream malformed', async (_what, body) => {
    const failure = await failWith({ body });

    expect(failure.kind).toBe('malformed');
  });

  test('calls a stream malformed whose events are not JSON', async () => {
    const { headers, body } = dialect.answer('{}');
    const broken = String(body).replaceAll('data: {"', 'data: {"" ');

    const failure = await failWith({ ...(headers && { headers }), body: broken });

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

  test('says that the thinking took all the room', async () => {
    expect(await failWith(dialect.thoughtOnly)).toMatchObject({ kind: 'thought_only', usage: dialect.usage });
  });

  // Wherever the stream ends, also within a line: without the provider's own word for the end nothing is a success.
  test.each<'cut' | 'end'>(['cut', 'end'])(
    'never takes a stream for complete that is broken off: %s',
    async (ending) => {
      const whole = dialect.answer('{"category":"\u00e4pi"}').body;
      for (const percent of [5, 30, 50, 70, 90]) {
        const failure = await failWith(ending === 'cut' ? { cut: whole, percent } : { end: whole, percent });
        expect({ percent, failure }).toMatchObject({ percent, failure: { usage: null, begun: true } });
        expect(['connection', 'malformed']).toContain(failure.kind);
      }
    },
  );

  const errorFrames: Readonly<Record<ProviderName, readonly (readonly [string, FailureKind])[]>> = {
    anthropic: [
      ['overloaded_error', 'overloaded'],
      ['api_error', 'server_error'],
    ],
    openai: [
      ['server_is_overloaded', 'overloaded'],
      ['rate_limit_exceeded', 'rate_limited'],
    ],
    google: [
      ['UNAVAILABLE', 'overloaded'],
      ['INTERNAL', 'server_error'],
    ],
  };

  test.each(errorFrames[name])('takes the error %s in the middle of a stream for a failure: %s', async (code, kind) => {
    const { headers, body } = dialect.answer('{"a":1}');
    const text = String(body);
    const early = text.slice(0, text.indexOf('\n\n', text.length / 2) + 2);

    const failure = await failWith({ ...(headers && { headers }), body: early + dialect.errorFrame(code, 'no') });

    expect(failure).toMatchObject({ kind, begun: true });
  });

  test('notices that nobody is there', async () => {
    const failure = await failureOf(ask(await unreachableUrl()));

    expect(failure.kind).toBe('unreachable');
  });

  test.each<[string, Reply, Partial<CallLimits>, FailureKind]>([
    ['never starts', 'hang', { firstEventMs: SHORT_MS }, 'silent'],
    ['sends a head and nothing else', { stall: 'x', percent: 0 }, { firstEventMs: SHORT_MS }, 'silent'],
    ['falls silent halfway', { stall: dialect.answer('{"category":"api"}').body }, { silenceMs: SHORT_MS }, 'silent'],
    ['only says that it is there', 'pings', { overallMs: SHORT_MS }, 'timeout'],
  ])('gives up on an answer that %s', async (_what, reply, limits, kind) => {
    expect((await failWith(reply, limits)).kind).toBe(kind);
  });

  test('waits for as long as there are signs of life', async () => {
    await using server = await startProviderServer('pings');

    const failure = await failureOf(ask(server.url, { limits: { silenceMs: SHORT_MS, overallMs: 5 * SHORT_MS } }));

    expect(failure.kind).toBe('timeout');
  });

  test('stops when the caller aborts in the middle of the stream', async () => {
    await using server = await startProviderServer('pings');
    const controller = new AbortController();
    const arrival = server.arrival();
    const failing = failureOf(ask(server.url, { signal: controller.signal }));
    await arrival;
    controller.abort();

    expect((await failing).kind).toBe('aborted');
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
