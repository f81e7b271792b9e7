// Requests that a provider refuses although each of their fields is right.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LlmProviders, startLlmProviders } from './index.ts';

let providers: LlmProviders;

beforeAll(async () => {
  providers = await startLlmProviders({ latencyMs: 0 });
});

afterAll(() => providers.stop());

const headers = { authorization: 'Bearer key', 'x-api-key': 'key', 'x-goog-api-key': 'key' };

const post = async (path: string, body: unknown) => {
  const response = await fetch(`${providers.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
};

const user = { role: 'user', content: 'Hello' };
const assistant = { role: 'assistant', content: 'Hel' };

describe('Anthropic', () => {
  const ask = (model: string, more: object) =>
    post('/anthropic/v1/messages', { model, max_tokens: 4000, messages: [user], ...more });
  const tools = [{ name: 'save', input_schema: { type: 'object' } }];
  const forced = { tools, tool_choice: { type: 'any' } };

  test.each<[string, string, object, RegExp]>([
    ['a temperature', 'claude-sonnet-5-5', { temperature: 0.2 }, /temperature/],
    ['top_k', 'claude-opus-4-8', { top_k: 5 }, /top_k/],
    [
      'a temperature while thinking',
      'claude-opus-4-6',
      { thinking: { type: 'adaptive' }, temperature: 0.2 },
      /temperature/,
    ],
    ['temperature and top_p', 'claude-opus-4-6', { temperature: 0.2, top_p: 0.9 }, /top_p/],
    [
      'thinking by a budget',
      'claude-sonnet-5-5',
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      /thinking\.type\.enabled/,
    ],
    ['no thinking', 'claude-opus-5-5', { thinking: { type: 'disabled' } }, /thinking\.type\.disabled/],
    ['no thinking', 'claude-sonnet-5-5', { thinking: { type: 'disabled' } }, /thinking\.type\.disabled/],
    [
      'no thinking at great effort',
      'claude-opus-5',
      { thinking: { type: 'disabled' }, output_config: { effort: 'max' } },
      /effort/,
    ],
    ['adaptive thinking', 'claude-haiku-4-5', { thinking: { type: 'adaptive' } }, /adaptive/],
    [
      'a budget above the limit',
      'claude-haiku-4-5',
      { thinking: { type: 'enabled', budget_tokens: 4000 } },
      /max_tokens/,
    ],
    ['a small budget', 'claude-haiku-4-5', { thinking: { type: 'enabled', budget_tokens: 1000 } }, /1024/],
    ['a forced tool', 'claude-sonnet-5-5', forced, /tool_choice/],
    [
      'a forced tool while thinking',
      'claude-opus-4-6',
      { ...forced, thinking: { type: 'enabled', budget_tokens: 2000 } },
      /forces/,
    ],
    [
      'a tool that is not there',
      'claude-opus-4-6',
      { tools, tool_choice: { type: 'tool', name: 'other' } },
      /not found/,
    ],
    ['a prefilled answer', 'claude-opus-4-6', { messages: [user, assistant] }, /prefill/],
    ['an assistant who begins', 'claude-opus-4-6', { messages: [assistant, user] }, /first message/],
    ['more than the model gives', 'claude-haiku-4-5', { max_tokens: 100_000 }, /max_tokens/],
    ['an effort', 'claude-haiku-4-5', { output_config: { effort: 'low' } }, /effort/],
  ])('refuses %s at %s', async (_, model, more, reason) => {
    expect(await ask(model, more)).toMatchObject({ status: 400, text: expect.stringMatching(reason) });
  });

  test.each<[string, string, object]>([
    ['a prefilled answer', 'claude-haiku-4-5', { messages: [user, assistant] }],
    ['a forced tool', 'claude-sonnet-5', forced],
    ['no thinking between tools', 'claude-sonnet-5-5', { thinking: { type: 'between_tools' } }],
    ['no thinking', 'claude-haiku-5-5', { thinking: { type: 'disabled' } }],
    [
      'adaptive thinking with an effort',
      'claude-sonnet-5-5',
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
    ],
    ['a temperature', 'claude-haiku-4-5', { temperature: 0.2 }],
  ])('takes %s at %s', async (_, model, more) => {
    expect(await ask(model, more)).toMatchObject({ status: 200 });
  });
});

describe('OpenAI', () => {
  const chat = (model: string, more: object) =>
    post('/openai/v1/chat/completions', { model, messages: [user], ...more });
  const responses = (model: string, more: object) => post('/openai/v1/responses', { model, input: 'Hello', ...more });
  const tools = [{ type: 'function', function: { name: 'save' } }];

  test.each<[string, typeof chat, string, object, RegExp]>([
    ['max_tokens', chat, 'gpt-6-sol', { max_tokens: 100 }, /max_completion_tokens/],
    ['tools at Chat', chat, 'gpt-6.1-sol', { tools }, /v1\/responses/],
    ['tools with reasoning at Chat', chat, 'gpt-6-luna', { tools, reasoning_effort: 'low' }, /v1\/responses/],
    ['a temperature', chat, 'gpt-6.1-terra', { temperature: 0.2 }, /"param":"temperature"/],
    ['an effort', chat, 'gpt-4.1', { reasoning_effort: 'low' }, /unsupported_parameter/],
    ['effort none', responses, 'gpt-6.1-sol', { reasoning: { effort: 'none' } }, /unsupported_value/],
    ['effort minimal', responses, 'gpt-6-astra', { reasoning: { effort: 'minimal' } }, /unsupported_value/],
    ['an unknown effort', responses, 'gpt-6.1-terra', { reasoning: { effort: 'huge' } }, /unsupported_value/],
    ['top_p', responses, 'gpt-6-astra', { top_p: 0.5 }, /"param":"top_p"/],
    ['two histories', responses, 'gpt-6-sol', { conversation: 'c', previous_response_id: 'r' }, /mutually_exclusive/],
    ['stream options without a stream', responses, 'gpt-6-sol', { stream_options: {} }, /stream_options/],
    [
      'a tool that is not there',
      responses,
      'gpt-6-sol',
      { tool_choice: { type: 'function', name: 'x' } },
      /tool_choice/,
    ],
  ])('refuses %s', async (_, ask, model, more, reason) => {
    expect(await ask(model, more)).toMatchObject({ status: 400, text: expect.stringMatching(reason) });
  });

  test.each<[string, typeof chat, string, object]>([
    ['max_tokens', chat, 'gpt-4.1', { max_tokens: 100 }],
    ['tools without reasoning', chat, 'gpt-6-luna', { tools, reasoning_effort: 'none' }],
    ['a temperature without reasoning', chat, 'gpt-6.1-terra', { temperature: 0.2, reasoning_effort: 'none' }],
    ['effort low', responses, 'gpt-6.1-sol', { reasoning: { effort: 'low' } }],
  ])('takes %s', async (_, ask, model, more) => {
    expect(await ask(model, more)).toMatchObject({ status: 200 });
  });
});

describe('Gemini', () => {
  const ask = (model: string, generationConfig: object, more: object = {}) =>
    post(`/gemini/v1beta/models/${model}:generateContent`, {
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      generationConfig,
      ...more,
    });
  const schema = { type: 'object' };
  const prefilled = [
    { role: 'user', parts: [{ text: 'Hello' }] },
    { role: 'model', parts: [{ text: 'Hel' }] },
  ];
  const both = [{ functionDeclarations: [{ name: 'save', parameters: schema, parametersJsonSchema: schema }] }];

  test.each<[string, string, object, object, RegExp]>([
    [
      'a level and a budget',
      'gemini-3.8-flash',
      { thinkingConfig: { thinkingLevel: 'LOW', thinkingBudget: 100 } },
      {},
      /only one/,
    ],
    ['the level MINIMAL', 'gemini-3.8-flash', { thinkingConfig: { thinkingLevel: 'MINIMAL' } }, {}, /MINIMAL/],
    ['no thinking', 'gemini-4-argon', { thinkingConfig: { thinkingBudget: 0 } }, {}, /thinking mode/],
    [
      'two schemas',
      'gemini-3.8-flash',
      { responseMimeType: 'application/json', responseSchema: schema, responseJsonSchema: schema },
      {},
      /Only one/,
    ],
    ['a schema for plain text', 'gemini-3.8-flash', { responseJsonSchema: schema }, {}, /application\/json/],
    ['a long answer that is not streamed', 'gemini-4-argon', { maxOutputTokens: 40_000 }, {}, /32768/],
    ['a prefilled answer', 'gemini-3.8-flash', {}, { contents: prefilled }, /user turn/],
    ['two kinds of parameters', 'gemini-3.8-flash', {}, { tools: both }, /only one/],
  ])('refuses %s', async (_, model, config, more, reason) => {
    expect(await ask(model, config, more)).toMatchObject({ status: 400, text: expect.stringMatching(reason) });
  });

  test.each<[string, string, object]>([
    ['the level MINIMAL', 'gemini-3.6-flash', { thinkingConfig: { thinkingLevel: 'MINIMAL' } }],
    ['a long answer', 'gemini-3.8-flash', { maxOutputTokens: 40_000 }],
    ['a temperature, which it ignores', 'gemini-3.8-flash', { temperature: 0.2 }],
  ])('takes %s', async (_, model, config) => {
    expect(await ask(model, config)).toMatchObject({ status: 200 });
  });
});
