// Thinking as each provider shows and counts it, read by the official SDKs.
import { ThinkingLevel } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LlmProviders, startLlmProviders } from './index.ts';
import { type Clients, clientsOf } from './test-clients.ts';

let providers: LlmProviders;
let clients: Clients;

beforeAll(async () => {
  providers = await startLlmProviders({ latencyMs: 0, character: { seed: 3, thinking: 400 } });
  clients = clientsOf(providers.url);
});

afterAll(() => providers.stop());

const question = 'Describe the recipes of a cook';
const messages = [{ role: 'user' as const, content: question }];
const anthropicBase = { model: 'claude-sonnet-5-5', max_tokens: 8000, messages };
const responsesBase = { model: 'gpt-6.1-terra', input: question };
const chatBase = { model: 'gpt-6.1-terra', messages };
const geminiBase = { model: 'gemini-3.8-flash', contents: question };

describe('Anthropic', () => {
  const thinkingOf = (output: { thinking_tokens?: number | null } | null | undefined) => output?.thinking_tokens ?? 0;

  test('thinks by default, in a block whose text is kept back, streamed and not', async () => {
    const whole = await clients.anthropic.messages.create(anthropicBase);
    const streamed = await clients.anthropic.messages.stream(anthropicBase).finalMessage();
    for (const { content, usage } of [whole, streamed]) {
      expect(content).toMatchObject([
        { type: 'thinking', thinking: '', signature: expect.stringMatching(/.+/) },
        { type: 'text' },
      ]);
      expect(thinkingOf(usage.output_tokens_details)).toBeGreaterThan(200);
      expect(usage.output_tokens).toBeGreaterThan(thinkingOf(usage.output_tokens_details));
    }
  });

  test('summarises its thoughts when asked, and thinks less at low effort', async () => {
    const summarized = { ...anthropicBase, thinking: { type: 'adaptive' as const, display: 'summarized' as const } };
    const streamed = await clients.anthropic.messages.stream(summarized).finalMessage();
    expect(streamed.content[0]).toMatchObject({ type: 'thinking', thinking: expect.stringContaining('Weighing') });
    const low = await clients.anthropic.messages.create({ ...anthropicBase, output_config: { effort: 'low' } });
    expect(thinkingOf(low.usage.output_tokens_details)).toBeLessThan(thinkingOf(streamed.usage.output_tokens_details));
  });

  test('says nothing when thinking takes the whole limit, streamed and not', async () => {
    const small = { ...anthropicBase, max_tokens: 50 };
    const whole = await clients.anthropic.messages.create(small);
    const streamed = await clients.anthropic.messages.stream(small).finalMessage();
    for (const message of [whole, streamed]) {
      expect(message.stop_reason).toBe('max_tokens');
      expect(message.content.map(({ type }) => type)).toEqual(['thinking']);
      expect(message.usage.output_tokens).toBe(50);
    }
  });

  test('does not think where the request or the model does not', async () => {
    for (const request of [
      { ...anthropicBase, model: 'claude-opus-4-8' },
      { ...anthropicBase, model: 'claude-haiku-5-5', thinking: { type: 'disabled' as const } },
    ]) {
      const { content } = await clients.anthropic.messages.create(request);
      expect(content.map(({ type }) => type)).toEqual(['text']);
    }
  });
});

describe('OpenAI Responses', () => {
  test('reasons in an item of its own, streamed and not', async () => {
    const whole = await clients.openai.responses.create(responsesBase);
    const streamed = await clients.openai.responses.stream(responsesBase).finalResponse();
    for (const { output, usage } of [whole, streamed]) {
      expect(output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
      expect(usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(100);
    }
    expect(streamed.output_text).toBe(whole.output_text);
  });

  test('summarises when asked', async () => {
    const request = { ...responsesBase, reasoning: { effort: 'high' as const, summary: 'auto' as const } };
    const { output } = await clients.openai.responses.stream(request).finalResponse();
    expect(output[0]).toMatchObject({ type: 'reasoning', summary: [{ text: expect.stringContaining('Weighing') }] });
  });

  test('is incomplete without a message when reasoning takes the whole limit, streamed and not', async () => {
    const small = { ...responsesBase, max_output_tokens: 50 };
    const whole = await clients.openai.responses.create(small);
    const streamed = await clients.openai.responses.stream(small).finalResponse();
    for (const response of [whole, streamed]) {
      expect(response).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        usage: { output_tokens: 50, output_tokens_details: { reasoning_tokens: 50 } },
      });
      expect(response.output.map(({ type }) => type)).toEqual(['reasoning']);
    }
  });

  test('does not reason at effort none', async () => {
    const response = await clients.openai.responses.create({ ...responsesBase, reasoning: { effort: 'none' } });
    expect(response.output.map(({ type }) => type)).toEqual(['message']);
  });
});

test('OpenAI Chat ends by length with empty content when reasoning takes the whole limit', async () => {
  const completion = await clients.openai.chat.completions.create({ ...chatBase, max_completion_tokens: 50 });
  expect(completion.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
  expect(completion.usage).toMatchObject({
    completion_tokens: 50,
    completion_tokens_details: { reasoning_tokens: 50 },
  });
});

describe('Gemini', () => {
  test('counts thoughts apart, and shows them when asked', async () => {
    const config = { thinkingConfig: { includeThoughts: true, thinkingLevel: ThinkingLevel.LOW } };
    const whole = await clients.gemini.models.generateContent({ ...geminiBase, config });
    expect(whole.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(50);
    expect(whole.candidates?.[0]?.content?.parts).toMatchObject([{ thought: true }, { text: whole.text }]);
    const parts = [];
    for await (const chunk of await clients.gemini.models.generateContentStream({ ...geminiBase, config })) {
      parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    }
    expect(parts.some(({ thought }) => thought)).toBe(true);
    expect(parts.map(({ thought, text = '' }) => (thought ? '' : text)).join('')).toBe(whole.text);
  });

  test('ends by MAX_TOKENS without any part when thoughts take the whole limit, streamed and not', async () => {
    const request = { ...geminiBase, config: { maxOutputTokens: 50 } };
    const whole = await clients.gemini.models.generateContent(request);
    expect(whole.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
    expect(whole.candidates?.[0]?.content?.parts).toBeUndefined();
    expect(whole.usageMetadata).toMatchObject({ thoughtsTokenCount: 50, candidatesTokenCount: 0 });
    let text = '';
    let finish;
    for await (const chunk of await clients.gemini.models.generateContentStream(request)) {
      text += chunk.text ?? '';
      finish = chunk.candidates?.[0]?.finishReason;
    }
    expect([text, finish]).toEqual(['', 'MAX_TOKENS']);
  });
});

describe('speed', () => {
  test('delays the first token by the thinking, and the rest by its length', async () => {
    providers.setCharacter({ seed: 3, thinking: 400, speed: { firstTokenMs: 30, tokensPerSecond: 4000 } });
    const started = performance.now();
    const { usage } = await clients.anthropic.messages.create(anthropicBase);
    const expected = 30 + (usage.output_tokens / 4000) * 1000;
    expect(performance.now() - started).toBeGreaterThanOrEqual(expected - 5);
    const stream = clients.anthropic.messages.stream(anthropicBase);
    await new Promise((resolve) => stream.once('streamEvent', resolve));
    const opened = performance.now();
    await new Promise((resolve) => stream.once('text', resolve));
    expect(performance.now() - opened).toBeGreaterThanOrEqual(50);
    await stream.finalMessage();
  });
});

test('the character is set and read over HTTP', async () => {
  const put = (body: unknown) => fetch(`${providers.url}/character`, { method: 'PUT', body: JSON.stringify(body) });
  expect((await put({ errors: 2 })).status).toBe(400);
  expect((await put('natural')).status).toBe(200);
  expect(await (await fetch(`${providers.url}/character`)).json()).toMatchObject({ character: { decisions: 0.5 } });
  expect((await fetch(`${providers.url}/defects`, { method: 'PUT', body: '[{"kind":"openapi"}]' })).status).toBe(200);
  expect(await (await fetch(`${providers.url}/defects`)).json()).toMatchObject({ defects: [{ kind: 'openapi' }] });
});
