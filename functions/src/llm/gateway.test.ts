import { afterEach, describe, expect, test } from '@jest/globals';
import { LlmFailure } from './errors.ts';
import { complete, makeGateway, type CallOptions, type LlmTarget } from './gateway.ts';
import type { LlmAnswer, ProviderName } from './schemas.ts';
import { apiKey, dialects, request } from './testing/dialects.ts';
import { mostInputTokens } from './token-estimate.ts';
import { startProviderServer, unreachableUrl, type ProviderServer, type Reply } from './testing/provider-server.ts';

const start = new Date('2026-11-22T12:00:00Z');
const CALL_TIMEOUT_MS = 20_000;
const limits = { firstEventMs: CALL_TIMEOUT_MS, silenceMs: CALL_TIMEOUT_MS };

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
const pair = async (first: Reply[], second: Reply[], firstEventMs = CALL_TIMEOUT_MS) => {
  const [primary, secondary] = [await serve(...first), await serve(...second)];
  const targets = [target('anthropic', primary.url), target('openai', secondary.url)];
  return { gateway: makeGateway({ targets, firstEventMs, silenceMs: CALL_TIMEOUT_MS }), primary, secondary };
};

/** What the request may be at most, at Anthropic's dearest rate for input. */
const worstInput = BigInt(mostInputTokens(request)) * 4000n;

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
          costNanoUsd: 20n * 2000n + 5n * 100n + 9n * 10_000n,
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
    const gateway = makeGateway({ targets: [target('google', server.url)], ...limits });
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

    const { text, calls } = await complete(makeGateway({ targets, ...limits }), request, options());

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
    [
      'a request that it takes for a bad one',
      anthropic.error(400, 'invalid_request_error', 'no'),
      'error',
      'bad_request',
    ],
    ['an account without money', anthropic.error(402, 'billing_error', 'no'), 'error', 'exhausted'],
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

    expect(calls).toMatchObject([
      // 500 tokens for the answer and 8,000 to think, at $10 a million.
      { outcome: 'unknown', error: 'silent', costNanoUsd: null, worstCaseNanoUsd: 85_000_000n + worstInput },
      { outcome: 'ok' },
    ]);
  });
});

describe('the chain ends', () => {
  test.each<[string, Reply, string, string]>([['with a refusal', anthropic.refused, 'llm.refused', 'refused']])(
    '%s, which was billed',
    async (_what, reply, code, error) => {
      const { gateway, secondary } = await pair([reply], [openai.answer('{}')]);

      const failure = await failureOf(complete(gateway, request, options()));

      expect(failure.code).toBe(code);
      expect(failure.calls).toMatchObject([
        { outcome: 'error', error, usage: anthropic.usage, costNanoUsd: 20n * 2000n + 5n * 100n + 9n * 10_000n },
      ]);
      expect(secondary.requests).toHaveLength(0);
    },
  );

  test('when all of them reject the request', async () => {
    const { gateway } = await pair(
      [anthropic.error(400, 'invalid_request_error', 'no')],
      [openai.error(400, 'invalid_request_error', 'no')],
    );

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure).toMatchObject({
      code: 'llm.bad_request',
      row: { retry: 'never' },
      calls: [{ error: 'bad_request' }, { error: 'bad_request' }],
    });
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
    const content = [{ type: 'output_text', text: '{}' }];
    const server = await serve(openai.stream({ status: 'completed', output: [{ type: 'message', content }], usage }));
    const targets = [{ ...target('openai', server.url), model: 'gpt-6-luna' }];

    const failure = await failureOf(complete(makeGateway({ targets, ...limits }), request, options()));

    expect(failure).toMatchObject({
      code: 'llm.unpriced_model',
      calls: [{ outcome: 'error', error: 'unpriced', usage: { inputCacheWriteLong: 5 }, costNanoUsd: null }],
    });
  });
});

describe('an answer that the output limit cut off (G3)', () => {
  const maxTokens = ({ requests }: ProviderServer) =>
    requests.map(({ body }) => body['max_tokens'] ?? body['max_output_tokens']);

  test.each([
    ['in the middle', 'truncated'],
    ['before its first word', 'thoughtOnly'],
  ] as const)('%s is asked for once more, with all the room that the model has', async (_where, reply) => {
    const { gateway, primary, secondary } = await pair([anthropic[reply], anthropic.answer('whole')], []);

    const { text, calls } = await complete(gateway, request, options());

    expect(text).toBe('whole');
    expect(maxTokens(primary)).toEqual([8_500, 128_000]);
    expect(calls).toMatchObject([{ outcome: 'error', usage: anthropic.usage }, { outcome: 'ok' }]);
    expect(secondary.requests).toHaveLength(0);
  });

  test('twice comes from the next provider, with all of its room at once', async () => {
    const { gateway, secondary } = await pair([anthropic.truncated, anthropic.truncated], [openai.answer('whole')]);

    expect((await complete(gateway, request, options())).text).toBe('whole');
    expect(maxTokens(secondary)).toEqual([128_000]);
  });

  test('everywhere is not to be retried, and every call on record was billed', async () => {
    const { gateway } = await pair([anthropic.truncated, anthropic.truncated], [openai.truncated]);

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure).toMatchObject({ code: 'llm.output_truncated', row: { retry: 'never' } });
    expect(failure.calls.map(({ costNanoUsd }) => costNanoUsd)).not.toContain(null);
    expect(failure.calls).toHaveLength(3);
  });
});

describe('an answer that the caller cannot use', () => {
  test('was paid for, and comes from the next provider', async () => {
    const { gateway } = await pair([anthropic.answer('I would rather not.')], [openai.answer('{}')]);

    const { text, calls } = await complete(gateway, { ...request, accepts: (each) => each === '{}' }, options());

    expect(text).toBe('{}');
    expect(calls).toMatchObject([
      { outcome: 'error', error: 'unusable', usage: anthropic.usage, costNanoUsd: 130_500n },
      { outcome: 'ok' },
    ]);
  });

  test('may put its provider last', async () => {
    const { gateway, primary } = await pair([], [openai.answer('{}')]);

    await complete(gateway, request, options({ last: new Set(['anthropic']) }));

    expect(primary.requests).toHaveLength(0);
  });
});

describe('a call whose end nobody knows', () => {
  test('has begun its answer and is broken off by an error: its worst case is on record', async () => {
    const whole = String(anthropic.answer('{"a":1}').body);
    const begun = whole.slice(0, whole.indexOf('content_block_stop'));
    const body = `${begun}\n\n${anthropic.errorFrame('overloaded_error', 'no')}`;
    const { gateway } = await pair([{ ...anthropic.answer(''), body }], [openai.answer('{}')]);

    const { calls } = await complete(gateway, request, options());

    expect(calls[0]).toMatchObject({
      outcome: 'unknown',
      error: 'overloaded',
      worstCaseNanoUsd: 85_000_000n + worstInput,
    });
  });

  test('was refused before it began: it has no worst case', async () => {
    const { gateway } = await pair([anthropic.error(529, 'overloaded_error', 'no')], [openai.answer('{}')]);

    const { calls } = await complete(gateway, request, options());

    expect(calls[0]).not.toHaveProperty('worstCaseNanoUsd');
  });
});

describe('a target that hangs', () => {
  const at = (milliseconds: number) => options({ now: () => after(milliseconds), deadlineAt: after(3_600_000) });

  test('is waited for once, and skipped until a probe finds it well', async () => {
    const { gateway, primary } = await pair(
      ['hang', anthropic.answer('back'), anthropic.answer('again')],
      [openai.answer('1'), openai.answer('2')],
      250,
    );

    const texts: string[] = [];
    for (const ms of [0, 29_000, 31_000, 31_001]) texts.push((await complete(gateway, request, at(ms))).text);

    expect(texts).toEqual(['1', '2', 'back', 'again']);
    expect(primary.requests).toHaveLength(3);
  });
});

describe('when every target fails', () => {
  test.each<[string, Reply]>([
    ['key', anthropic.error(401, 'authentication_error', 'no')],
    ['model', anthropic.error(404, 'not_found_error', 'no')],
    ['money', anthropic.error(429, 'enforced_spend_limit_reached', 'no')],
  ])('for want of a %s that is good, the error says that people must cure it', async (_what, reply) => {
    const { gateway } = await pair([reply], [openai.error(401, 'invalid_api_key', 'no')]);

    const failure = await failureOf(complete(gateway, request, options()));

    expect(failure).toMatchObject({ code: 'llm.providers_refuse_us', row: { retry: 'later' } });
  });

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
    const gateway = makeGateway({ targets: [target('anthropic', server.url)], ...limits });

    await failureOf(complete(gateway, request, at(0)));

    expect((await complete(gateway, request, at(1000))).text).toBe('back');
  });

  test('is not asked earlier because it later named a shorter wait', async () => {
    const server = await serve(rateLimited('30'), rateLimited('1'));
    const gateway = makeGateway({ targets: [target('anthropic', server.url)], ...limits });

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

    expect(() => makeGateway({ targets, ...limits })).toThrow(expect.objectContaining({ code: 'llm.unpriced_model' }));
  });

  test('a model without a price at the time is refused before the call', async () => {
    const { gateway, primary, secondary } = await pair([anthropic.answer('{}')], [openai.answer('{}')]);
    const past = { now: () => new Date('2020-01-01'), deadlineAt: new Date('2020-01-02') };

    const failure = await failureOf(complete(gateway, request, options(past)));

    expect(failure).toMatchObject({ code: 'llm.unpriced_model', calls: [] });
    expect([...primary.requests, ...secondary.requests]).toHaveLength(0);
  });

  test('without any target the gateway says so', async () => {
    const gateway = makeGateway({ targets: [], ...limits });

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
