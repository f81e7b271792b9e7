// What each provider's API answers, in its own words, for tests: whole answers and the errors that its documentation shows.
import { anthropic } from '../providers/anthropic.ts';
import { google } from '../providers/google.ts';
import { openai } from '../providers/openai.ts';
import type { Provider } from '../providers/provider.ts';
import type { LlmRequest, ProviderName, TokenUsage } from '../schemas.ts';
import type { HttpReply } from './provider-server.ts';

interface Dialect {
  readonly model: string;
  readonly connect: (serverUrl: string) => Provider;
  readonly baseUrl: (serverUrl: string) => string;
  readonly answer: (text: string) => HttpReply;
  readonly usage: TokenUsage;
  readonly truncated: HttpReply;
  readonly refused: HttpReply;
  readonly error: (status: number, code: string, message: string) => HttpReply;
}

export const apiKey = 'key-of-a-test';

export const request: LlmRequest = {
  system: 'You classify.',
  messages: [
    { role: 'user', text: 'first' },
    { role: 'assistant', text: 'second' },
    { role: 'user', text: 'third' },
  ],
  output: {
    name: 'classification',
    schema: {
      type: 'object',
      properties: { category: { type: 'string' } },
      required: ['category'],
      additionalProperties: false,
    },
  },
  maxOutputTokens: 500,
};

const noUsage: TokenUsage = {
  inputUncached: 0,
  inputCacheRead: 0,
  inputCacheWriteShort: 0,
  inputCacheWriteLong: 0,
  inputTool: 0,
  outputVisible: 0,
  outputReasoning: 0,
};

export const usageOf = (usage: Partial<TokenUsage>): TokenUsage => ({ ...noUsage, ...usage });

const anthropicMessage = (text: string, stopReason: string): HttpReply => ({
  headers: { 'request-id': 'req_anthropic' },
  body: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'text', text },
    ],
    stop_reason: stopReason,
    usage: {
      input_tokens: 20,
      cache_read_input_tokens: 5,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    },
  },
});

const openaiResponse = (content: unknown[], ending: Record<string, unknown>): HttpReply => ({
  headers: { 'x-request-id': 'req_openai' },
  body: {
    id: 'resp_1',
    object: 'response',
    output: [
      { type: 'reasoning', summary: [] },
      { type: 'message', role: 'assistant', content },
    ],
    usage: {
      input_tokens: 25,
      input_tokens_details: { cached_tokens: 5, cache_write_tokens: 0 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 34,
    },
    ...ending,
  },
});

const outputText = (text: string) => [{ type: 'output_text', text, annotations: [] }];

const googleResponse = (text: string, finishReason: string): HttpReply => ({
  body: {
    responseId: 'req_google',
    candidates: [{ finishReason, content: { role: 'model', parts: [{ text: 'hm', thought: true }, { text }] } }],
    usageMetadata: {
      promptTokenCount: 25,
      cachedContentTokenCount: 5,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 4,
      totalTokenCount: 34,
    },
  },
});

const usage = usageOf({ inputUncached: 20, inputCacheRead: 5, outputVisible: 5, outputReasoning: 4 });

export const dialects: Readonly<Record<ProviderName, Dialect>> = {
  anthropic: {
    model: 'claude-sonnet-5-5',
    baseUrl: (url) => url,
    connect: (url) => anthropic({ apiKey, baseUrl: url }),
    answer: (text) => anthropicMessage(text, 'end_turn'),
    usage,
    truncated: anthropicMessage('{"cat', 'max_tokens'),
    refused: anthropicMessage('', 'refusal'),
    error: (status, code, message) => ({ status, body: { type: 'error', error: { type: code, message } } }),
  },
  openai: {
    model: 'gpt-6.1-terra',
    baseUrl: (url) => `${url}/v1`,
    connect: (url) => openai({ apiKey, baseUrl: `${url}/v1` }),
    answer: (text) => openaiResponse(outputText(text), { status: 'completed' }),
    usage,
    truncated: openaiResponse(outputText('{"cat'), {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    }),
    refused: openaiResponse([{ type: 'refusal', refusal: 'No.' }], { status: 'completed' }),
    error: (status, code, message) => ({ status, body: { error: { message, type: code, code, param: null } } }),
  },
  google: {
    model: 'gemini-3.8-flash',
    baseUrl: (url) => url,
    connect: (url) => google({ apiKey, baseUrl: url }),
    answer: (text) => googleResponse(text, 'STOP'),
    usage,
    truncated: googleResponse('{"cat', 'MAX_TOKENS'),
    refused: googleResponse('', 'SAFETY'),
    error: (status, code, message) => ({ status, body: { error: { code: status, message, status: code } } }),
  },
};
