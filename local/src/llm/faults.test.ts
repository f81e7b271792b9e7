import Anthropic from '@anthropic-ai/sdk';
import { ApiError } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { type FaultRule, type LlmProviders, startLlmProviders } from './index.ts';
import { type Clients, clientsOf } from './test-clients.ts';

let providers: LlmProviders;
let clients: Clients;

beforeAll(async () => {
  providers = await startLlmProviders({ latencyMs: 0 });
  clients = clientsOf(providers.url);
});

afterEach(() => providers.setFaults([]));
afterAll(() => providers.stop());

const properties = { title: { type: 'string' }, count: { type: 'integer' } };
const schema = { type: 'object', properties, required: ['title', 'count'], additionalProperties: false };

/** Each provider's official client: the text of an answer in one piece, or of a stream. */
const anthropicText = async (prompt: string, signal?: AbortSignal) => {
  const message = await clients.anthropic.messages.create(anthropicRequest(prompt), { signal });
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
};

const anthropicRequest = (prompt: string) => ({
  model: 'claude-sonnet-5-5',
  max_tokens: 1000,
  output_config: { format: { type: 'json_schema' as const, schema } },
  messages: [{ role: 'user' as const, content: prompt }],
});

const openaiRequest = (prompt: string) => ({
  model: 'gpt-6.1-terra',
  response_format: { type: 'json_schema' as const, json_schema: { name: 'thing', schema } },
  messages: [{ role: 'user' as const, content: prompt }],
});

const openaiText = async (prompt: string) => {
  const completion = await clients.openai.chat.completions.create(openaiRequest(prompt));
  return completion.choices[0]?.message.content ?? '';
};

const geminiRequest = (prompt: string) => ({
  model: 'gemini-3.8-flash',
  contents: prompt,
  config: { responseMimeType: 'application/json', responseJsonSchema: schema },
});

const geminiText = async (prompt: string) =>
  (await clients.gemini.models.generateContent(geminiRequest(prompt))).text ?? '';

const anthropicStream = async (prompt: string, onText: (text: string) => void = () => undefined) => {
  const stream = clients.anthropic.messages.stream(anthropicRequest(prompt));
  stream.on('text', onText);
  return stream.finalText();
};

const openaiStream = async (prompt: string) => {
  let text = '';
  let finish: string | null = null;
  for await (const chunk of await clients.openai.chat.completions.create({ ...openaiRequest(prompt), stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
    finish = chunk.choices[0]?.finish_reason ?? finish;
  }
  return { text, finish };
};

const geminiStream = async (prompt: string) => {
  let text = '';
  for await (const chunk of await clients.gemini.models.generateContentStream(geminiRequest(prompt))) {
    text += chunk.text ?? '';
  }
  return text;
};

const caught = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('Nothing failed.');
};

const lastRecord = () => providers.requests().at(-1);

const recorded = async (outcome: string) => {
  while (lastRecord()?.outcome !== outcome) await new Promise((resolve) => setImmediate(resolve));
  return lastRecord();
};

describe('refusals in the shape of the provider', () => {
  test.each([
    ['401', 401, 'authentication_error', 401, 'UNAUTHENTICATED', 401],
    ['429', 429, 'rate_limit_error', 429, 'RESOURCE_EXHAUSTED', 429],
    ['500', 500, 'api_error', 500, 'INTERNAL', 500],
    ['529', 529, 'overloaded_error', 503, 'UNAVAILABLE', 503],
    ['overloaded', 529, 'overloaded_error', 503, 'UNAVAILABLE', 503],
    ['context-length', 400, 'invalid_request_error', 400, 'INVALID_ARGUMENT', 400],
  ])('%s', async (name, anthropicStatus, type, openaiStatus, googleName, googleStatus) => {
    const prompt = `Things [[stand-in: ${name}]]`;
    expect(await caught(anthropicText(prompt))).toMatchObject({ status: anthropicStatus, type });
    expect(await caught(openaiText(prompt))).toMatchObject({ status: openaiStatus });
    const error = await caught(geminiText(prompt));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: googleStatus, message: expect.stringContaining(googleName) });
  });

  test('a refusal by rate says when to come back', async () => {
    const error = await caught(anthropicText('Things [[stand-in: 429 retry-after=2]]'));
    expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect((error as InstanceType<typeof Anthropic.RateLimitError>).headers.get('retry-after')).toBe('2');
  });
});

describe('broken connections', () => {
  test('reset: the client sees a connection error, and no response', async () => {
    const prompt = 'Things [[stand-in: reset]]';
    expect(await caught(anthropicText(prompt))).toBeInstanceOf(Anthropic.APIConnectionError);
    expect(await caught(openaiText(prompt))).toBeInstanceOf(OpenAI.APIConnectionError);
    expect(lastRecord()).toMatchObject({ fault: 'reset', outcome: 'faulted', status: null });
  });

  test('hang: nothing comes until the client gives up', async () => {
    const work = caught(anthropicText('Things [[stand-in: hang]]', AbortSignal.timeout(50)));
    expect(await work).toBeInstanceOf(Anthropic.APIUserAbortError);
    expect(await recorded('aborted')).toMatchObject({ fault: 'hang', status: null });
  });

  test('cut: the stream begins and breaks off', async () => {
    const prompt = 'Things [[stand-in: cut]]';
    const texts: string[] = [];
    expect(await caught(anthropicStream(prompt, (text) => texts.push(text)))).toBeInstanceOf(Error);
    expect(texts.length).toBeGreaterThan(0);
    for (const ask of [openaiStream, geminiStream, openaiText]) {
      expect(await caught(ask(prompt))).toMatchObject({ message: expect.stringMatching(/terminated|connection/i) });
    }
  });

  test('stall: the stream begins and then says nothing more', async () => {
    const stream = clients.anthropic.messages.stream(anthropicRequest('Things [[stand-in: stall]]'));
    const ended = caught(stream.finalText());
    await new Promise((resolve) => stream.once('text', resolve));
    expect(lastRecord()).toMatchObject({ outcome: 'pending', fault: 'stall', status: null });
    stream.abort();
    expect(await ended).toBeInstanceOf(Anthropic.APIUserAbortError);
    expect(await recorded('aborted')).toMatchObject({ status: 200 });
  });

  test('truncate: the stream ends in good order without its last events', async () => {
    const { text, finish } = await openaiStream('Things [[stand-in: truncate]]');
    expect(text.length).toBeGreaterThan(0);
    expect(finish).toBeNull();
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  test('stream-error: the error comes as an event', async () => {
    const prompt = 'Things [[stand-in: stream-error]]';
    expect(await caught(anthropicStream(prompt))).toMatchObject({ type: 'overloaded_error' });
    expect(await caught(openaiStream(prompt))).toBeInstanceOf(OpenAI.APIError);
    expect(await caught(geminiStream(prompt))).toMatchObject({ message: expect.stringContaining('UNAVAILABLE') });
  });

  test('malformed-chunk: the client cannot parse the stream', async () => {
    const prompt = 'Things [[stand-in: malformed-chunk]]';
    for (const ask of [anthropicStream, openaiStream, geminiStream, openaiText]) {
      expect(await caught(ask(prompt))).toMatchObject({ message: expect.stringMatching(/json|unterminated/i) });
    }
  });
});

describe('delays', () => {
  test('latency: the response begins late', async () => {
    const started = performance.now();
    await openaiText('Things [[stand-in: latency=120]]');
    expect(performance.now() - started).toBeGreaterThanOrEqual(119);
  });

  test('hold: the response begins once the rules are replaced', async () => {
    providers.setFaults([{ contains: 'held', fault: { kind: 'hold' } }]);
    const held = openaiText('Things held');
    while (lastRecord()?.fault !== 'hold') await new Promise((resolve) => setImmediate(resolve));
    await openaiText('Things of others');
    expect(providers.requests().slice(-2)).toMatchObject([{ outcome: 'pending' }, { outcome: 'answered' }]);
    providers.setFaults([]);
    expect(await held).toContain('{');
  });

  test('slow-first-token: the stream opens at once, its text comes late', async () => {
    const stream = clients.anthropic.messages.stream(anthropicRequest('Things [[stand-in: slow-first-token=120]]'));
    await new Promise((resolve) => stream.once('streamEvent', resolve));
    const opened = performance.now();
    await new Promise((resolve) => stream.once('text', resolve));
    expect(performance.now() - opened).toBeGreaterThanOrEqual(100);
    expect(JSON.parse(await stream.finalText())).toMatchObject({ title: expect.any(String) });
    expect(await recorded('answered')).toMatchObject({ fault: 'slow-first-token' });
  });
});

describe('answers that are not what was asked for', () => {
  test.each(['garbage', 'half-json'])('%s: the text is not JSON', async (name) => {
    for (const ask of [anthropicText, openaiText, geminiText]) {
      const text = await ask(`Things [[stand-in: ${name}]]`);
      expect(text.length).toBeGreaterThan(10);
      expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    }
  });

  test('injection: the answer gives orders in a field that nobody asked for', async () => {
    const value = JSON.parse(await openaiText('Things [[stand-in: injection]]')) as Record<string, unknown>;
    expect(Object.keys(value)).toContain('system_instruction');
  });

  test('injection where=text: the order is within a text of an otherwise valid answer', async () => {
    const value = JSON.parse(await openaiText('Things [[stand-in: injection where=text]]')) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['title', 'count']);
    expect(value['title']).toMatch(/ignore previous instructions/i);
  });

  test('content-filter: the model declines', async () => {
    const prompt = 'Things [[stand-in: content-filter]]';
    const message = await clients.anthropic.messages.create(anthropicRequest(prompt));
    expect(message).toMatchObject({ stop_reason: 'refusal', content: [] });
    const response = await clients.gemini.models.generateContent(geminiRequest(prompt));
    expect(response.candidates?.[0]?.finishReason).toBe('SAFETY');
    expect((await openaiStream(prompt)).finish).toBe('content_filter');
  });
});

describe('which requests are hit', () => {
  test('a marker counts only in what the user wrote', async () => {
    const marker = '[[stand-in: 500]]';
    const request = anthropicRequest('Things');
    await clients.anthropic.messages.create({ ...request, system: marker });
    await clients.anthropic.messages.create({
      ...request,
      messages: [
        { role: 'user', content: 'Things' },
        { role: 'assistant', content: marker },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: marker }] },
      ],
    });
    expect(lastRecord()).toMatchObject({ outcome: 'answered', fault: null });
  });

  test('a marker may name a provider and how often', async () => {
    const prompt = 'Things [[stand-in: 500 provider=openai times=2]]';
    await anthropicText(prompt);
    expect(await caught(openaiText(prompt))).toMatchObject({ status: 500 });
    expect(await caught(openaiText(prompt))).toMatchObject({ status: 500 });
    await openaiText(prompt);
    expect(await caught(openaiText(`${prompt} again`))).toMatchObject({ status: 500 });
  });

  test('a rule matches by provider, model and text, as often as it says', async () => {
    const rule: FaultRule = {
      provider: 'openai',
      model: 'gpt-6.1-terra',
      contains: 'apples',
      times: 1,
      fault: { kind: '500' },
    };
    providers.setFaults([rule]);
    await anthropicText('apples');
    await openaiText('pears');
    expect(await caught(openaiText('red apples'))).toMatchObject({ status: 500 });
    await openaiText('red apples');
  });

  test('a probability hits the same requests for the same seed', async () => {
    const hits = async (seed: number) => {
      providers.setFaults([{ probability: 0.5, seed, fault: { kind: '500' } }]);
      const results = [];
      for (let index = 0; index < 30; index++) {
        results.push(
          await openaiText('Things').then(
            () => false,
            () => true,
          ),
        );
      }
      return results;
    };
    const first = await hits(7);
    expect(await hits(7)).toEqual(first);
    expect(await hits(8)).not.toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  test('a rule that does not fit is refused', () => {
    const rules = [{ fault: { kind: 'explode' } }] as unknown as FaultRule[];
    expect(() => providers.setFaults(rules)).toThrow(/kind/);
  });
});
