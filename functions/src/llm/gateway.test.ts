import { afterEach, describe, expect, test } from '@jest/globals';
import { LlmFailure } from './errors.ts';
import { complete, makeGateway, type CallOptions, type LlmTarget } from './gateway.ts';
import type { LlmAnswer, ProviderName } from './schemas.ts';
import { apiKey, dialects, request } from './testing/dialects.ts';
import { startProviderServer, unreachableUrl, type ProviderServer, type Reply } from './testing/provider-server.ts';

const start = new Date('2026-11-22T12:00:00Z');
const CALL_TIMEOUT_MS = 20_000;

const after = (milliseconds: number) => new Date(start.getTime() + milliseconds);

const options = (changes: Partial<CallOptions> = {}): CallOptions => ({
  signal: new AbortController().signal,
  deadlineAt: after(60_000),
  now: () => start,
  ...changes,
});

const servers: ProviderServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server[Symbol.asyncDispose]())));

const serve = async (...replies: Reply[]) => {
  const server = await startProviderServer(...replies);
  servers.push(server);
  return server;
};

const target = (provider: ProviderName, url: string): LlmTarget => ({
  provider,
  model: dialects[provider].model,
  apiKey,
  baseUrl: dialects[provider].baseUrl(url),
});

const { anthropic, openai, google } = dialects;

const failureOf = async (answer: Promise<LlmAnswer>): Promise<LlmFailure> => {
  const failure = await answer.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof LlmFailure) return failure;
  throw new Error('expected an LlmFailure', { cause: failure });
};

/** A gateway to Anthropic, then OpenAI, and their servers. */
const pair = async (first: Reply[], second: Reply[], callTimeoutMs = CALL_TIMEOUT_MS) => {
  const [primary, secondary] = [await serve(...first), await serve(...second)];
  const targets = [target('anthropic', primary.url), target('openai', secondary.url)];
  return { gateway: makeGateway({ targets, callTimeoutMs }), primary, secondary };
};

const rateLimited = (retryAfter: string): Reply => ({
  ...anthropic.error(429, 'rate_limit_error', 'slow down'),
  headers: { 'retry-after': retryAfter },
});

describe('an answer', () => {
  test('comes with the priced record of the call that gave it', async () => {
    const { gateway, primary, secondary } = await pair([anthropic.answer('{"a":1}')], []);
    const now = () => (primary.requests.length === 0 ? start : after(1234));

    const answer = await complete(gateway, request, options({ now }));

    expect(answer).toEqual({
      text: '{"a":1}',
      calls: [
        {
          provider: 'anthropic',
          model: 'claude-sonnet-5-5',
          outcome: 'ok',
          error: null,
          usage: anthropic.usage,
          costNanoUsd: 20n * 2000n + 5n * 200n + 9n * 10_000n,
          startedAt: start,
          latencyMs: 1234,
          providerRequestId: 'req_anthropic',
        },
      ],
    });
    expect(secondary.requests).toHaveLength(0);
  });

  test('costs what the price list said when its call began', async () => {
    const server = await serve(google.answer('{}'));
    const gateway = makeGateway({ targets: [target('google', server.url)], callTimeoutMs: CALL_TIMEOUT_MS });
    const [promotion, newYear] = [new Date('2026-12-31T23:59:59Z'), new Date('2027-01-01T00:00:01Z')];
    const now = () => (server.requests.length === 0 ? promotion : newYear);

    const { calls } = await complete(gateway, request, options({ now, deadlineAt: new Date('2027-01-02T00:00:00Z') }));

    expect(calls).toMatchObject([{ costNanoUsd: 20n * 750n + 5n * 75n + 9n * 3750n }]);
  });

  test('comes from the last target when all others fail, with every call on record (G1)', async () => {
    const first = await serve(anthropic.error(500, 'api_error', 'oops'));
    const last = await serve(google.answer('{}'));
    const targets = [
      target('anthropic', first.url),
      target('openai', await unreachableUrl()),
      target('google', last.url),
    ];

    const { text, calls } = await complete(
      makeGateway({ targets, callTimeoutMs: CALL_TIMEOUT_MS }),
      request,
      options(),
    );

    expect(text).toBe('{}');
    expect(calls).toMatchObject([
      { provider: 'anthropic', outcome: 'error', error: 'server_error', usage: null, costNanoUsd: null },
      { provider: 'openai', outcome: 'error', error: 'unreachable', usage: null, costNanoUsd: null },
      { provider: 'google', outcome: 'ok', error: null, costNanoUsd: 20n * 750n + 5n * 75n + 9n * 3750n },
    ]);
  });

  test.each<[string, Reply, string, string]>([
    ['a wrong key', anthropic.error(401, 'authentication_error', 'no'), 'error', 'unauthorized'],
    ['an unknown model', anthropic.error(404, 'not_found_error', 'no'), 'error', 'model_not_found'],
    ['overload', anthropic.error(529, 'overloaded_error', 'no'), 'error', 'overloaded'],
    ['a context that is too small', anthropic.error(413, 'request_too_large', 'no'), 'error', 'context_length'],
    ['an answer that is no JSON', { body: '<html>' }, 'error', 'malformed'],
    ['a cut connection', { cut: anthropic.answer('{}').body }, 'unknown', 'connection'],
  ])('comes from the next provider after %s', async (_what, reply, outcome, error) => {
    const { gateway, primary } = await pair([reply], [openai.answer('{}')]);

    const { calls } = await complete(gateway, request, options());

    expect(calls).toMatchObject([{ outcome, error }, { outcome: 'ok' }]);
    expect(primary.requests).toHaveLength(1);
  });

  test('comes from the next provider when one takes too long', async () => {
    const { gateway } = await pair(['hang'], [openai.answer('{}')], 250);

    const { calls } = await complete(gateway, request, options());

    expect(calls).toMatchObject([{ outcome: 'unknown', error: 'timeout' }, { outcome: 'ok' }]);
  });
});

describe('the chain ends', () => {
  test.each<[string, Reply, string, string]>([
    ['with a refusal', anthropic.refused, 'llm.refused', 'refused'],
    ['with a truncated answer', anthropic.truncated, 'llm.output_truncated', 'truncated'],
  ])('%s, which was billed', async (_what, reply, code, error) => {
    const { gateway, secondary } = await pair([reply], [openai.answer('{}')]);

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure.code).toBe(code);
    expect(failure.calls).toMatchObject([
      { outcome: 'error', error, usage: anthropic.usage, costNanoUsd: 20n * 2000n + 5n * 200n + 9n * 10_000n },
    ]);
    expect(secondary.requests).toHaveLength(0);
  });

  test('with a request that a provider rejects: no other one is asked', async () => {
    const { gateway, secondary } = await pair([anthropic.error(400, 'invalid_request_error', 'no')], []);

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure).toMatchObject({ code: 'llm.bad_request', calls: [{ error: 'bad_request' }] });
    expect(secondary.requests).toHaveLength(0);
  });

  test('when the caller aborts, and so does the running call', async () => {
    const { gateway, primary, secondary } = await pair(['hang'], [openai.answer('{}')]);
    const controller = new AbortController();
    const arrival = primary.arrival();
    const failing = failureOf(complete(gateway, request, options({ signal: controller.signal })));
    await arrival;
    controller.abort();
    const failure = await failing;

    expect(failure).toMatchObject({ code: 'llm.aborted', calls: [{ outcome: 'aborted', error: 'aborted' }] });
    expect(secondary.requests).toHaveLength(0);
  });

  test('before it began when the caller has aborted already', async () => {
    const { gateway, primary } = await pair([anthropic.answer('{}')], []);

    const failure = await failureOf(complete(gateway, request, options({ signal: AbortSignal.abort() })));

    expect(failure).toMatchObject({ code: 'llm.aborted', calls: [] });
    expect(primary.requests).toHaveLength(0);
  });

  test('before it began when the deadline has passed', async () => {
    const { gateway, primary } = await pair([anthropic.answer('{}')], []);

    const failure = await failureOf(complete(gateway, request, options({ deadlineAt: start })));

    expect(failure).toMatchObject({ code: 'llm.deadline_exceeded', calls: [], row: { retry: 'later' } });
    expect(primary.requests).toHaveLength(0);
  });

  test('when the deadline passes during a call, which does not run past it', async () => {
    const { gateway, secondary } = await pair(['hang'], [openai.answer('{}')]);
    const now = () => new Date();

    const failure = await failureOf(
      complete(gateway, request, options({ now, deadlineAt: new Date(Date.now() + 250) })),
    );

    expect(failure).toMatchObject({ code: 'llm.deadline_exceeded', calls: [{ outcome: 'unknown', error: 'timeout' }] });
    expect(secondary.requests).toHaveLength(0);
  });

  test('with usage that has no price, and without the answer (G2)', async () => {
    const usage = {
      input_tokens: 5,
      input_tokens_details: { cache_write_tokens: 5, cache_write_tokens_details: { ttl_12h_tokens: 5 } },
      output_tokens: 1,
      total_tokens: 6,
    };
    const server = await serve({ body: { ...(openai.answer('{}').body as object), usage } });
    const targets = [{ ...target('openai', server.url), model: 'gpt-6-luna' }];

    const failure = await failureOf(
      complete(makeGateway({ targets, callTimeoutMs: CALL_TIMEOUT_MS }), request, options()),
    );

    expect(failure).toMatchObject({
      code: 'llm.unpriced_model',
      calls: [{ outcome: 'error', error: 'unpriced', usage: { inputCacheWriteLong: 5 }, costNanoUsd: null }],
    });
  });
});

describe('when every target fails', () => {
  test('the error is to be retried and knows every call', async () => {
    const { gateway } = await pair(
      [anthropic.error(500, 'api_error', 'oops')],
      [openai.error(401, 'invalid_api_key', 'no')],
    );

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure).toMatchObject({ code: 'llm.all_providers_failed', row: { retry: 'later' } });
    expect(failure.retryAfterSeconds).toBeUndefined();
    expect(failure.calls).toMatchObject([
      { provider: 'anthropic', error: 'server_error' },
      { provider: 'openai', error: 'unauthorized' },
    ]);
  });

  test('the error says when the first of them may be asked again', async () => {
    const { gateway } = await pair(
      [rateLimited('30')],
      [{ ...openai.error(429, 'rate_limit_exceeded', 'no'), headers: { 'retry-after': '12.5' } }],
    );

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure).toMatchObject({ code: 'llm.all_providers_failed', retryAfterSeconds: 13 });
  });

  test('an input too long for all of them is not to be retried', async () => {
    const { gateway } = await pair(
      [anthropic.error(413, 'request_too_large', 'no')],
      [openai.error(400, 'context_length_exceeded', 'no')],
    );

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure).toMatchObject({ code: 'llm.context_too_long', row: { retry: 'never' } });
  });
});

describe('a target that asked to be left alone', () => {
  const at = (milliseconds: number) => options({ now: () => after(milliseconds) });

  test('is skipped until then, while another one answers', async () => {
    const { gateway, primary } = await pair(
      [rateLimited('30'), anthropic.answer('back')],
      [openai.answer('1'), openai.answer('2')],
    );

    const texts = [
      (await complete(gateway, request, at(0))).text,
      (await complete(gateway, request, at(29_999))).text,
      (await complete(gateway, request, at(30_000))).text,
    ];

    expect(texts).toEqual(['1', '2', 'back']);
    expect(primary.requests).toHaveLength(2);
  });

  test('is asked all the same when it is the only one', async () => {
    const server = await serve(rateLimited('30'), anthropic.answer('back'));
    const gateway = makeGateway({ targets: [target('anthropic', server.url)], callTimeoutMs: CALL_TIMEOUT_MS });

    await failureOf(complete(gateway, request, at(0)));

    expect((await complete(gateway, request, at(1000))).text).toBe('back');
  });

  test('is not asked earlier because it later named a shorter wait', async () => {
    const server = await serve(rateLimited('30'), rateLimited('1'));
    const gateway = makeGateway({ targets: [target('anthropic', server.url)], callTimeoutMs: CALL_TIMEOUT_MS });

    await failureOf(complete(gateway, request, at(0)));

    expect((await failureOf(complete(gateway, request, at(1000)))).retryAfterSeconds).toBe(29);
  });

  test('is asked again after ten minutes at the latest', async () => {
    const { gateway } = await pair([rateLimited('86400'), anthropic.answer('back')], [openai.answer('1')]);

    await complete(gateway, request, at(0));

    expect(
      (await complete(gateway, request, options({ now: () => after(600_000), deadlineAt: after(660_000) }))).text,
    ).toBe('back');
  });

  test('is asked again at once when it did not say for how long', async () => {
    const { gateway } = await pair(
      [anthropic.error(529, 'overloaded_error', 'no'), anthropic.answer('back')],
      [openai.answer('1')],
    );

    await complete(gateway, request, at(0));

    expect((await complete(gateway, request, at(0))).text).toBe('back');
  });
});

describe('what cannot be priced is not called (G2)', () => {
  test('a model that is on no price list makes no gateway', () => {
    const targets = [{ provider: 'openai', model: 'gpt-6.1-tera', apiKey } as const];

    expect(() => makeGateway({ targets, callTimeoutMs: CALL_TIMEOUT_MS })).toThrow(
      expect.objectContaining({ code: 'llm.unpriced_model' }),
    );
  });

  test('a model without a price at the time is refused before the call', async () => {
    const { gateway, primary, secondary } = await pair([anthropic.answer('{}')], [openai.answer('{}')]);
    const past = { now: () => new Date('2020-01-01'), deadlineAt: new Date('2020-01-02') };

    const failure = await failureOf(complete(gateway, request, options(past)));

    expect(failure).toMatchObject({ code: 'llm.unpriced_model', calls: [] });
    expect([...primary.requests, ...secondary.requests]).toHaveLength(0);
  });

  test('without any target the gateway says so', async () => {
    const gateway = makeGateway({ targets: [], callTimeoutMs: CALL_TIMEOUT_MS });

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure).toMatchObject({ code: 'llm.no_provider_configured', calls: [] });
  });
});

describe('an observer of crossings', () => {
  const holder = globalThis as Record<symbol, unknown>;
  const observe = (observer: unknown) => {
    holder[Symbol.for('backend-coordinator.crossings')] = observer;
  };
  afterEach(() => observe(undefined));

  test('sees each provider call start, and the one that succeeded end', async () => {
    const seen: string[] = [];
    observe({
      before: (kind: string) => seen.push(`before ${kind}`),
      after: (kind: string) => seen.push(`after ${kind}`),
    });
    const { gateway } = await pair([anthropic.error(500, 'api_error', 'oops')], [openai.answer('{}')]);

    await complete(gateway, request, options());

    expect(seen).toEqual(['before llm.call', 'before llm.call', 'after llm.call']);
  });
});
