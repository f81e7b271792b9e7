import { describe, expect, test } from '@jest/globals';
import { ProviderFailure } from '../failures.ts';
import type { JsonSchema, LlmRequest, ProviderName } from '../schemas.ts';
import { apiKey, dialects, request } from '../testing/dialects.ts';
import { startProviderServer, type HttpReply } from '../testing/provider-server.ts';

const send = async (name: ProviderName, options: { request?: LlmRequest; reply?: HttpReply } = {}) => {
  const dialect = dialects[name];
  await using server = await startProviderServer(options.reply ?? dialect.answer('{}'));
  const result = await dialect
    .connect(server.url)({
      model: dialect.model,
      request: options.request ?? request,
      signal: new AbortController().signal,
      timeoutMs: 20_000,
    })
    .catch((error: unknown) => error);
  const [received] = server.requests;
  if (!received) throw new Error('nothing was sent', { cause: result });
  return { received, result };
};

const asking = (schema: JsonSchema): LlmRequest => ({ ...request, output: { name: 'answer', schema } });

const open: JsonSchema = { type: 'object', properties: { data: { type: 'object' } }, required: ['data'] };

describe('Anthropic', () => {
  test('gets the conversation, the limit and the closed schema as output format, at the standard tier', async () => {
    const { received } = await send('anthropic');

    expect(received.path).toBe('/v1/messages');
    expect(received.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(received.body).toEqual({
      model: 'claude-sonnet-5-5',
      max_tokens: 500,
      system: 'You classify.',
      messages: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'second' },
        { role: 'user', content: 'third' },
      ],
      service_tier: 'standard_only',
      output_config: { format: { type: 'json_schema', schema: request.output.schema } },
    });
  });

  test('gets keywords that its output format does not know as a description', async () => {
    const { received } = await send('anthropic', { request: asking({ type: 'string', maxLength: 5 }) });

    expect(received.body['output_config']).toEqual({
      format: { type: 'json_schema', schema: { type: 'string', description: '{maxLength: 5}' } },
    });
  });

  test('fills in an open schema by a tool that it must call', async () => {
    const reply: HttpReply = {
      body: {
        content: [{ type: 'tool_use', id: 'toolu_1', name: 'answer', input: { data: { any: 1 } } }],
        stop_reason: 'tool_use',
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    };

    const { received, result } = await send('anthropic', { request: asking(open), reply });

    expect(received.body).toMatchObject({
      tools: [{ name: 'answer', input_schema: open }],
      tool_choice: { type: 'tool', name: 'answer' },
    });
    expect(received.body).not.toHaveProperty('output_config');
    expect(result).toMatchObject({ text: '{"data":{"any":1}}', providerRequestId: null });
  });

  test('may be asked for more tokens than the SDK allows without a timeout', async () => {
    const { result } = await send('anthropic', { request: { ...request, maxOutputTokens: 128_000 } });

    expect(result).toMatchObject({ text: '{}' });
  });

  test.each([
    ['model_context_window_exceeded', 'context_length'],
    ['pause_turn', 'malformed'],
    ['a reason of the future', 'malformed'],
  ])('stopping for %s is a failure: %s', async (stopReason, kind) => {
    const reply = { body: { content: [], stop_reason: stopReason, usage: { input_tokens: 1, output_tokens: 0 } } };

    expect((await send('anthropic', { reply })).result).toMatchObject({ kind });
  });

  test('filtering the output is a refusal', async () => {
    const reply = dialects.anthropic.error(400, 'invalid_request_error', 'Output blocked by content filtering policy');

    expect((await send('anthropic', { reply })).result).toMatchObject({ kind: 'refused' });
  });
});

describe('OpenAI', () => {
  test('gets the conversation, the limit and a strict schema, at the standard tier, and stores nothing', async () => {
    const { received } = await send('openai');

    expect(received.path).toBe('/v1/responses');
    expect(received.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(received.body).toEqual({
      model: 'gpt-6.1-terra',
      instructions: 'You classify.',
      input: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'second' },
        { role: 'user', content: 'third' },
      ],
      max_output_tokens: 500,
      text: { format: { type: 'json_schema', ...request.output, strict: true } },
      service_tier: 'default',
      store: false,
    });
  });

  test('is not strict about an open schema', async () => {
    const { received } = await send('openai', { request: asking(open) });

    expect(received.body['text']).toEqual({
      format: { type: 'json_schema', name: 'answer', schema: open, strict: false },
    });
  });

  test.each([
    [{ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, 'refused'],
    [{ status: 'incomplete', incomplete_details: { reason: 'max_messages' } }, 'malformed'],
    [{ status: 'failed', error: { code: 'server_error', message: '' } }, 'server_error'],
    [{ status: 'failed', error: { code: 'rate_limit_exceeded', message: '' } }, 'rate_limited'],
    [{ status: 'failed', error: { code: 'bio_policy', message: '' } }, 'refused'],
    [{ status: 'failed', error: { code: 'of the future', message: '' } }, 'server_error'],
    [{ status: 'queued' }, 'malformed'],
  ])('ending with %j is a failure: %s', async (ending, kind) => {
    const reply = { body: { id: 'resp_1', object: 'response', output: [], usage: null, ...ending } };

    expect((await send('openai', { reply })).result).toMatchObject({ kind, usage: null });
  });

  test('an answer without usage is not returned, as nobody could bill it', async () => {
    const body = { ...(dialects.openai.answer('{}').body as object), usage: null };

    expect((await send('openai', { reply: { body } })).result).toMatchObject({ kind: 'malformed' });
  });
});

describe('Google', () => {
  test('gets the conversation, the limit and the schema', async () => {
    const { received } = await send('google');

    expect(received.path).toBe('/v1/models/gemini-3.8-flash:generateContent');
    expect(received.headers['x-goog-api-key']).toBe(apiKey);
    expect(received.body).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'first' }] },
        { role: 'model', parts: [{ text: 'second' }] },
        { role: 'user', parts: [{ text: 'third' }] },
      ],
      systemInstruction: { role: 'user', parts: [{ text: 'You classify.' }] },
      generationConfig: {
        maxOutputTokens: 500,
        responseMimeType: 'application/json',
        responseJsonSchema: request.output.schema,
      },
    });
  });

  test('a blocked prompt is a refusal that was billed', async () => {
    const reply = {
      body: {
        promptFeedback: { blockReason: 'SAFETY' },
        usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
      },
    };

    expect((await send('google', { reply })).result).toMatchObject({ kind: 'refused', usage: { inputUncached: 3 } });
  });

  test.each([
    ['RECITATION', 'refused'],
    ['CONTINUATION', 'truncated'],
    ['OTHER', 'malformed'],
    ['OF_THE_FUTURE', 'malformed'],
  ])('finishing with %s is a failure: %s, after one request', async (finishReason, kind) => {
    const candidates = [{ finishReason, continuationToken: 't', content: { parts: [{ text: '{' }] } }];
    const reply = { body: { candidates, usageMetadata: { candidatesTokenCount: 1, totalTokenCount: 1 } } };

    expect((await send('google', { reply })).result).toMatchObject({ kind });
  });

  test('an invalid key, which it reports as a bad request, is an authorization failure', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
    const reply = { status: 400, body: { error: { code: 400, message: 'API key not valid.', details } } };

    expect((await send('google', { reply })).result).toMatchObject({ kind: 'unauthorized' });
  });

  test('a retry delay in the body counts like a Retry-After header', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.2s' }];
    const reply = { status: 429, body: { error: { code: 429, message: 'quota', details } } };

    const { result } = await send('google', { reply });

    expect(result).toBeInstanceOf(ProviderFailure);
    expect(result).toMatchObject({ kind: 'rate_limited', retryAfterMs: 34_200 });
  });
});
