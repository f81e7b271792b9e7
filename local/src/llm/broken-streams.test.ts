// Streams that break, stall, or say what nobody expects, read by the official SDKs.
import { ApiError } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import type { FaultRule, LlmProviders } from './index.ts';
import { startLlmProviders } from './index.ts';
import { type Clients, clientsOf } from './test-clients.ts';

let providers: LlmProviders;
let clients: Clients;

beforeAll(async () => {
  providers = await startLlmProviders({ latencyMs: 0 });
  clients = clientsOf(providers.url);
});

afterEach(() => providers.setFaults([]));
afterAll(() => providers.stop());

const content = 'Describe the recipes of a cook';
const messages = [{ role: 'user' as const, content }];
const anthropicRequest = { model: 'claude-sonnet-5-5', max_tokens: 2000, messages };
const chatRequest = { model: 'gpt-6.1-terra', messages };
const responsesRequest = { model: 'gpt-6.1-terra', input: content };
const geminiRequest = { model: 'gemini-3.8-flash', contents: content };

const play = (fault: FaultRule['fault']) => providers.setFaults([{ fault }]);

/** What a reader of the raw stream gets: the text, and whether the provider said that it was over. */
interface Heard {
  readonly text: string;
  readonly ended: string | undefined;
}

const hearAnthropic = async (): Promise<Heard> => {
  let text = '';
  let ended: string | undefined;
  for await (const event of await clients.anthropic.messages.create({ ...anthropicRequest, stream: true })) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
    if (event.type === 'message_delta') ended = event.delta.stop_reason ?? undefined;
  }
  return { text, ended };
};

const hearChat = async (): Promise<Heard> => {
  let text = '';
  let ended: string | undefined;
  for await (const { choices } of await clients.openai.chat.completions.create({ ...chatRequest, stream: true })) {
    text += choices[0]?.delta.content ?? '';
    ended = choices[0]?.finish_reason ?? ended;
  }
  return { text, ended };
};

const hearResponses = async (): Promise<Heard> => {
  let text = '';
  let ended: string | undefined;
  for await (const event of await clients.openai.responses.create({ ...responsesRequest, stream: true })) {
    if (event.type === 'response.output_text.delta') text += event.delta;
    if (event.type === 'response.completed' || event.type === 'response.incomplete') ended = event.response.status;
  }
  return { text, ended };
};

const hearGemini = async (): Promise<Heard> => {
  let text = '';
  let ended: string | undefined;
  for await (const chunk of await clients.gemini.models.generateContentStream({
    ...geminiRequest,
    config: { automaticContinuation: false },
  })) {
    text += chunk.candidates?.[0]?.content?.parts?.map((part) => part.text ?? '').join('') ?? '';
    ended = chunk.candidates?.[0]?.finishReason ?? chunk.promptFeedback?.blockReason ?? ended;
  }
  return { text, ended };
};

const listeners = [
  ['Anthropic', hearAnthropic],
  ['OpenAI Chat', hearChat],
  ['OpenAI Responses', hearResponses],
  ['Gemini', hearGemini],
] as const;

const caught = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('Nothing failed.');
};

const lastOutcome = () => providers.requests().at(-1)?.outcome;

/** The bytes of a stream, as they come. */
const bytesOf = async (path: string, body: unknown) => {
  const headers = { authorization: 'Bearer key', 'x-api-key': 'key', 'x-goog-api-key': 'key' };
  const response = await fetch(`${providers.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return Buffer.from(await response.arrayBuffer());
};

const anthropicBytes = () => bytesOf('/anthropic/v1/messages', { ...anthropicRequest, stream: true });

describe.each(listeners)('a stream of %s', (_, hear) => {
  test('that is cut between two bytes ends early without saying that it was over', async () => {
    const whole = await hear();
    expect(whole.ended).toBeDefined();
    play({ kind: 'cut-at', bytes: 900 });
    const heard = await hear().catch((error: unknown) => error);
    expect(heard).not.toMatchObject({ ended: expect.anything() });
    expect(lastOutcome()).toBe('faulted');
  });

  test('that is reset fails', async () => {
    play({ kind: 'cut-at', bytes: 900, how: 'reset' });
    expect(await caught(hear())).toMatchObject({ message: expect.stringMatching(/terminated|connection|hang up/i) });
  });

  test('that comes in single bytes says the same', async () => {
    const whole = await hear();
    play({ kind: 'fragments', bytes: 1 });
    expect(await hear()).toEqual(whole);
  });

  test('whose lines end in CR LF, or that pauses in the middle, says the same', async () => {
    const whole = await hear();
    play({ kind: 'crlf' });
    expect(await hear()).toEqual(whole);
    play({ kind: 'gap', ms: 60 });
    const started = performance.now();
    expect(await hear()).toEqual(whole);
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
  });

  test('in which unknown events stand says the same', async () => {
    const whole = await hear();
    play({ kind: 'unknown-events' });
    expect(await hear()).toEqual(whole);
  });

  test('that fails before its first token, and in the middle, throws', async () => {
    for (const kind of ['early-error', 'stream-error'] as const) {
      play({ kind });
      expect(await caught(hear())).toBeInstanceOf(Error);
    }
  });

  test('that is empty ends well without a word', async () => {
    const whole = await hear();
    play({ kind: 'empty' });
    expect(await hear()).toEqual({ text: '', ended: whole.ended });
  });

  test('in which half of an answer is filtered says so at its end', async () => {
    const whole = await hear();
    play({ kind: 'late-refusal' });
    const { text, ended } = await hear();
    expect(whole.text.startsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(10);
    expect(text.length).toBeLessThan(whole.text.length);
    expect(ended).not.toBe(whole.ended);
  });
});

describe('errors within a stream', () => {
  test('come as the event of the provider, by number or by word', async () => {
    play({ kind: 'early-error' });
    expect(await caught(hearAnthropic())).toMatchObject({ type: 'overloaded_error', status: undefined });
    expect(await caught(hearResponses())).toBeInstanceOf(OpenAI.APIError);
    expect(await caught(hearGemini())).toBeInstanceOf(ApiError);
    play({ kind: 'text-code-error' });
    // The SDK takes an error whose code is a word for a chunk of the answer.
    expect((await hearGemini()).ended).toBeUndefined();
  });

  test('silence before the first token is filled with pings where the provider has them', async () => {
    play({ kind: 'slow-first-token', ms: 60, pingMs: 15 });
    const text = (await anthropicBytes()).toString();
    expect(text.split('event: ping').length - 1).toBeGreaterThanOrEqual(4);
    expect(text).toContain('message_stop');
  });
});

test('a stream can be cut at any byte', async () => {
  const whole = await anthropicBytes();
  for (const bytes of [0, 1, 17, 500, whole.length - 1]) {
    play({ kind: 'cut-at', bytes });
    const cut = await anthropicBytes();
    expect(cut).toHaveLength(bytes);
  }
});

describe('refusals', () => {
  test('have no words at Anthropic, a category, and usage', async () => {
    play({ kind: 'refusal' });
    const whole = await clients.anthropic.messages.create(anthropicRequest);
    const streamed = await clients.anthropic.messages.stream(anthropicRequest).finalMessage();
    for (const message of [whole, streamed]) {
      expect(message).toMatchObject({ content: [], stop_reason: 'refusal', stop_details: { category: 'cyber' } });
      expect(message.usage.input_tokens).toBeGreaterThan(0);
    }
  });

  test('are a part of their own at OpenAI', async () => {
    play({ kind: 'refusal' });
    const whole = await clients.openai.responses.create(responsesRequest);
    const streamed = await clients.openai.responses.stream(responsesRequest).finalResponse();
    for (const { status, output } of [whole, streamed]) {
      expect(status).toBe('completed');
      expect(output[0]).toMatchObject({ type: 'message', content: [{ type: 'refusal' }] });
    }
    const completion = await clients.openai.chat.completions.create(chatRequest);
    expect(completion.choices[0]?.message).toMatchObject({ content: null, refusal: expect.stringContaining('sorry') });
  });

  test('block the prompt at Gemini, and leave no candidate', async () => {
    play({ kind: 'refusal' });
    const response = await clients.gemini.models.generateContent(geminiRequest);
    expect(response.candidates).toBeUndefined();
    expect(response.promptFeedback?.blockReason).toBe('PROHIBITED_CONTENT');
    expect(await hearGemini()).toEqual({ text: '', ended: 'PROHIBITED_CONTENT' });
  });
});

describe('pauses', () => {
  test('are named by each provider in its own way', async () => {
    play({ kind: 'pause-turn' });
    expect((await hearAnthropic()).ended).toBe('pause_turn');
    expect((await hearResponses()).ended).toBe('incomplete');
    expect((await hearGemini()).ended).toBe('CONTINUATION');
  });
});

describe('usage and model', () => {
  test('another model answers, and says so', async () => {
    play({ kind: 'other-model', model: 'another-model' });
    expect((await clients.anthropic.messages.create(anthropicRequest)).model).toBe('another-model');
    expect((await clients.openai.responses.create(responsesRequest)).model).toBe('another-model');
    expect((await clients.openai.chat.completions.create(chatRequest)).model).toBe('another-model');
    expect((await clients.gemini.models.generateContent(geminiRequest)).modelVersion).toBe('another-model');
  });

  test('usage comes in the last event only', async () => {
    play({ kind: 'late-usage' });
    const usages = [];
    for await (const event of await clients.anthropic.messages.create({ ...anthropicRequest, stream: true })) {
      if (event.type === 'message_start') usages.push(event.message.usage.input_tokens);
      if (event.type === 'message_delta') usages.push(event.usage.input_tokens);
    }
    expect(usages).toEqual([0, expect.any(Number)]);
    expect(usages[1]).toBeGreaterThan(0);
    const counts = [];
    for await (const chunk of await clients.gemini.models.generateContentStream(geminiRequest)) {
      counts.push(chunk.usageMetadata?.candidatesTokenCount);
    }
    expect(counts.slice(0, -1).every((count) => count === undefined)).toBe(true);
    expect(counts.at(-1)).toBeGreaterThan(0);
  });

  test('usage is missing altogether', async () => {
    play({ kind: 'no-usage' });
    expect((await clients.anthropic.messages.create(anthropicRequest)).usage).toBeUndefined();
    expect((await clients.openai.responses.create(responsesRequest)).usage).toBeNull();
    expect((await clients.openai.chat.completions.create(chatRequest)).usage).toBeUndefined();
    expect((await clients.gemini.models.generateContent(geminiRequest)).usageMetadata).toBeUndefined();
  });
});

describe('errors in the words of the provider', () => {
  const failures = async () => [
    await caught(clients.anthropic.messages.create(anthropicRequest)),
    await caught(clients.openai.responses.create(responsesRequest)),
    await caught(clients.gemini.models.generateContent(geminiRequest)),
  ];

  test.each([
    ['400', 400, 'invalid_request_error', null, 'INVALID_ARGUMENT'],
    ['402', 402, 'billing_error', 'billing_not_active', 'FAILED_PRECONDITION'],
    ['403', 403, 'permission_error', 'unsupported_country_region_territory', 'PERMISSION_DENIED'],
    ['404', 404, 'not_found_error', 'model_not_found', 'NOT_FOUND'],
    ['dead-money', 429, 'rate_limit_error', 'credit_balance_exhausted', 'RESOURCE_EXHAUSTED'],
  ] as const)('%s', async (kind, status, type, code, googleStatus) => {
    play({ kind });
    expect(await failures()).toMatchObject([
      { status, type },
      { status, code },
      { status, message: expect.stringContaining(googleStatus) },
    ]);
  });

  test('money that is spent says so where the status does not', async () => {
    play({ kind: 'dead-money' });
    const [anthropic, , google] = await failures();
    expect(anthropic).toMatchObject({ error: { error: { details: { error_code: 'enforced_spend_limit_reached' } } } });
    expect((anthropic as { headers: Headers }).headers.get('retry-after')).toBeNull();
    expect(google).toMatchObject({ message: expect.stringContaining('QuotaFailure') });
  });

  test.each([
    ['413', 413],
    ['html', 502],
  ] as const)('%s comes from a proxy, in HTML', async (kind, status) => {
    play({ kind });
    for (const failure of await failures()) expect(failure).toMatchObject({ status });
    expect((await anthropicBytes()).toString()).toContain('<html>');
  });

  test('a rate limit says when to come back in seconds, as a date, in milliseconds, or in the body', async () => {
    const headersOf = async (form: 'seconds' | 'date' | 'ms') => {
      play({ kind: '429', retryAfterSeconds: 30, form, shouldRetry: false });
      return (await failures()).map((failure) => (failure as { headers?: Headers }).headers);
    };
    expect((await headersOf('seconds'))[0]?.get('retry-after')).toBe('30');
    expect(Date.parse((await headersOf('date'))[1]?.get('retry-after') ?? '')).toBeGreaterThan(Date.now() + 20_000);
    const [anthropic] = await headersOf('ms');
    expect([anthropic?.get('retry-after-ms'), anthropic?.get('x-should-retry')]).toEqual(['30000', 'false']);
    const [, , google] = await failures();
    expect(google).toMatchObject({ message: expect.stringContaining('"retryDelay":"30s"') });
  });
});
