import { describe, expect, test } from '@jest/globals';
import { ProviderFailure } from '../failures.ts';
import { modelRow } from '../models.ts';
import type { JsonSchema, LlmRequest, ProviderName } from '../schemas.ts';
import { apiKey, dialects, request } from '../testing/dialects.ts';
import { startProviderServer, type HttpReply } from '../testing/provider-server.ts';

const send = async (name: ProviderName, options: { request?: LlmRequest; reply?: HttpReply; model?: string } = {}) => {
  const dialect = dialects[name];
  await using server = await startProviderServer(options.reply ?? dialect.answer('{}'));
  const result = await dialect
    .connect(server.url)({
      model: options.model ?? dialect.model,
      request: options.request ?? request,
      maxOutputTokens: 500,
      thinking: modelRow(name, options.model ?? dialect.model)?.thinking ?? 'none',
      signal: new AbortController().signal,
      limits: { firstEventMs: 20_000, silenceMs: 20_000, overallMs: 20_000 },
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
      stream: true,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low', format: { type: 'json_schema', schema: request.output.schema } },
    });
  });

  test('gets keywords that its output format does not know as a description', async () => {
    const { received } = await send('anthropic', { request: asking({ type: 'string', maxLength: 5 }) });

    expect(received.body['output_config']).toEqual({
      effort: 'low',
      format: { type: 'json_schema', schema: { type: 'string', description: '{maxLength: 5}' } },
    });
  });

  // A model that always thinks takes no other word on it; one of the line before takes no effort.
  test.each([
    ['claude-opus-5-5', undefined, { effort: 'low' }],
    ['claude-haiku-4-5', undefined, {}],
    ['claude-haiku-5-5', { type: 'adaptive' }, { effort: 'low' }],
  ])('%s is told of thinking in the words that it takes', async (model, thinking, outputConfig) => {
    const { received } = await send('anthropic', { model });

    expect(received.body['thinking']).toEqual(thinking);
    expect(received.body['output_config']).toEqual({ ...outputConfig, format: expect.anything() });
  });

  // The newest models refuse to be made to call a tool.
  test('fills in an open schema by a tool that it is told to call', async () => {
    const reply = dialects.anthropic.stream({
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'answer', input: { data: { any: 1 } } }],
      stop_reason: 'tool_use',
      usage: { input_tokens: 1, output_tokens: 1 },
    });

    const { received, result } = await send('anthropic', { request: asking(open), reply });

    expect(received.body).toMatchObject({
      system: expect.stringMatching(/^You classify\.\n\n.*the tool answer/),
      tools: [{ name: 'answer', input_schema: open }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      output_config: { effort: 'low' },
    });
    expect(received.body['output_config']).not.toHaveProperty('format');
    expect(result).toMatchObject({ text: '{"data":{"any":1}}', providerRequestId: 'req_anthropic' });
  });

  test.each([
    ['model_context_window_exceeded', 'context_length'],
    ['pause_turn', 'paused'],
    ['a reason of the future', 'malformed'],
  ])('stopping for %s is a failure: %s', async (stopReason, kind) => {
    const reply = dialects.anthropic.stream({
      content: [],
      stop_reason: stopReason,
      usage: { input_tokens: 1, output_tokens: 0 },
    });

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
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_schema', ...request.output, strict: true } },
      service_tier: 'default',
      store: false,
      stream: true,
      stream_options: { include_obfuscation: false },
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
    [{ status: 'cancelled' }, 'malformed'],
    [{ status: 'queued' }, 'connection'],
  ])('ending with %j is a failure: %s', async (ending, kind) => {
    const reply = dialects.openai.stream({ id: 'resp_1', object: 'response', output: [], usage: null, ...ending });

    expect((await send('openai', { reply })).result).toMatchObject({ kind, usage: null });
  });

  test('an answer without usage is not returned, as nobody could bill it', async () => {
    const content = [{ type: 'output_text', text: '{}' }];
    const reply = dialects.openai.stream({ status: 'completed', output: [{ type: 'message', content }], usage: null });

    expect((await send('openai', { reply })).result).toMatchObject({ kind: 'malformed' });
  });
});

describe('Google', () => {
  test('gets the conversation, the limit and the schema', async () => {
    const { received } = await send('google');

    expect(received.path).toBe('/v1/models/gemini-3.8-flash:streamGenerateContent?alt=sse');
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
        thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
        responseMimeType: 'application/json',
        responseJsonSchema: request.output.schema,
      },
    });
  });

  test('a blocked prompt is a refusal that was billed', async () => {
    const reply = dialects.google.stream({
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
    });

    expect((await send('google', { reply })).result).toMatchObject({ kind: 'refused', usage: { inputUncached: 3 } });
  });

  test.each([
    ['RECITATION', 'refused'],
    ['CONTINUATION', 'truncated'],
    ['OTHER', 'malformed'],
    ['OF_THE_FUTURE', 'malformed'],
  ])('finishing with %s is a failure: %s, after one request', async (finishReason, kind) => {
    const candidates = [{ finishReason, continuationToken: 't', content: { parts: [{ text: '{' }] } }];
    const usageMetadata = { candidatesTokenCount: 1, totalTokenCount: 1 };
    const reply = dialects.google.stream({ candidates, usageMetadata });

    expect((await send('google', { reply })).result).toMatchObject({ kind });
  });

  test('an invalid key, which it reports as a bad request, is an authorization failure', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
    const reply = { status: 400, body: { error: { code: 400, message: 'API key not valid.', details } } };

    expect((await send('google', { reply })).result).toMatchObject({ kind: 'unauthorized' });
  });

  // The SDK hands such a frame out as a chunk in which nothing is left.
  test('an error in the middle of the stream whose code is a word is never a success', async () => {
    const chunk = { candidates: [{ content: { parts: [{ text: '{}' }] } }] };
    const frames = [chunk, { error: { code: 'unavailable', message: 'no' } }].map(
      (each) => `data: ${JSON.stringify(each)}`,
    );
    const reply = { headers: { 'content-type': 'text/event-stream' }, body: `${frames.join('\n\n')}\n\n` };

    expect((await send('google', { reply })).result).toMatchObject({ kind: 'connection', begun: true });
  });

  test('a retry delay in the body counts like a Retry-After header', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.2s' }];
    const reply = { status: 429, body: { error: { code: 429, message: 'quota', details } } };

    const { result } = await send('google', { reply });

    expect(result).toBeInstanceOf(ProviderFailure);
    expect(result).toMatchObject({ kind: 'rate_limited', retryAfterMs: 34_200 });
  });
});
