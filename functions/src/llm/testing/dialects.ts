// What each provider's API answers, in its own words, for tests: whole answers as streams, and the errors that its documentation shows.
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
  /** The provider's whole answer, as it streams it. */
  readonly stream: (body: Body) => HttpReply;
  readonly usage: TokenUsage;
  /** An error in the middle of the stream, after the status 200. */
  readonly errorFrame: (code: string, message: string) => string;
  readonly truncated: HttpReply;
  /** The thinking took all the room that there was. */
  readonly thoughtOnly: HttpReply;
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
  answerTokens: 500,
  effort: 'low',
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

type Body = Readonly<Record<string, unknown>>;

const event = (data: Body): string =>
  `${'type' in data ? `event: ${String(data['type'])}\n` : ''}data: ${JSON.stringify(data)}\n\n`;

const stream = (events: readonly Body[], headers: Readonly<Record<string, string>> = {}): HttpReply => ({
  headers: { 'content-type': 'text/event-stream; charset=utf-8', ...headers },
  body: events.map(event).join(''),
});

type Content = readonly { readonly type: string; readonly text?: string; readonly input?: unknown }[];

const blockEvents = ({ text, input, ...block }: Content[number], index: number): Body[] => {
  const begin = { ...block, ...(text !== undefined && { text: '' }), ...(input !== undefined && { input: {} }) };
  const whole = text ?? JSON.stringify(input ?? {});
  const pieces = [whole.slice(0, 2), whole.slice(2)];
  const delta = (piece: string) =>
    text === undefined ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece };
  return [
    { type: 'content_block_start', index, content_block: begin },
    { type: 'ping' },
    ...(block.type === 'thinking'
      ? [{ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: 's' } }]
      : pieces.map((piece) => ({ type: 'content_block_delta', index, delta: delta(piece) }))),
    { type: 'content_block_stop', index },
  ];
};

/** The counts of input come first, those of output last and once more, as running totals. */
const anthropicStream = ({ content, stop_reason, usage, ...message }: Body): HttpReply => {
  const counts = usage as Body;
  return stream(
    [
      {
        type: 'message_start',
        message: { ...message, content: [], stop_reason: null, usage: { ...counts, output_tokens: 1 } },
      },
      ...(content as Content).flatMap(blockEvents),
      { type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 2, input_tokens: null } },
      { type: 'message_delta', delta: { stop_reason }, usage: counts },
      { type: 'of_the_future', index: 0 },
      { type: 'message_stop' },
    ],
    { 'request-id': 'req_anthropic' },
  );
};

const anthropicMessage = (text: string, stopReason: string): Body => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5-5',
  content: [{ type: 'thinking', thinking: '', signature: '' }, ...(text === '' ? [] : [{ type: 'text', text }])],
  stop_reason: stopReason,
  usage: {
    input_tokens: 20,
    cache_read_input_tokens: 5,
    output_tokens: 9,
    output_tokens_details: { thinking_tokens: 4 },
  },
});

const openaiStream = (response: Body): HttpReply => {
  const { status } = response;
  const running = { ...response, status: 'in_progress', output: [], usage: null };
  return stream(
    [
      { type: 'response.created', sequence_number: 0, response: running },
      { type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: { type: 'reasoning' } },
      { type: 'response.output_text.delta', sequence_number: 2, delta: '{', obfuscation: 'xx' },
      { type: 'response.of_the_future', sequence_number: 3 },
      { type: `response.${String(status)}`, sequence_number: 4, response },
    ],
    { 'x-request-id': 'req_openai' },
  );
};

const openaiResponse = (content: unknown[], ending: Body): Body => ({
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
});

const outputText = (text: string) => (text === '' ? [] : [{ type: 'output_text', text, annotations: [] }]);

/** Each chunk is a whole response with what is new in it; the counts grow. */
const googleStream = ({ candidates, ...body }: Body): HttpReply => {
  const [last] = (candidates ?? []) as { finishReason?: string; content?: { parts?: unknown[] } }[];
  if (!last) return stream([body]);
  const chunk = (parts: unknown[], rest: Body = {}) => ({
    ...body,
    ...rest,
    candidates: [{ content: { role: 'model', parts } }],
  });
  const early = { usageMetadata: { promptTokenCount: 25, candidatesTokenCount: 1, totalTokenCount: 26 } };
  return stream([
    chunk([{ text: 'hm', thought: true }], early),
    chunk(last.content?.parts ?? []),
    { ...body, candidates: [{ ...last, content: { role: 'model', parts: [{ text: '' }] } }] },
  ]);
};

const googleResponse = (text: string, finishReason: string): Body => ({
  responseId: 'req_google',
  candidates: [
    {
      finishReason,
      content: { role: 'model', parts: [{ text: 'hm', thought: true }, ...(text === '' ? [] : [{ text }])] },
    },
  ],
  usageMetadata: {
    promptTokenCount: 25,
    cachedContentTokenCount: 5,
    candidatesTokenCount: 5,
    thoughtsTokenCount: 4,
    totalTokenCount: 34,
  },
});

const usage = usageOf({ inputUncached: 20, inputCacheRead: 5, outputVisible: 5, outputReasoning: 4 });

const outOfRoom = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };

export const dialects: Readonly<Record<ProviderName, Dialect>> = {
  anthropic: {
    model: 'claude-sonnet-5-5',
    baseUrl: (url) => url,
    connect: (url) => anthropic({ apiKey, baseUrl: url }),
    stream: anthropicStream,
    answer: (text) => anthropicStream(anthropicMessage(text, 'end_turn')),
    usage,
    errorFrame: (code, message) => event({ type: 'error', error: { type: code, message } }),
    truncated: anthropicStream(anthropicMessage('{"cat', 'max_tokens')),
    thoughtOnly: anthropicStream(anthropicMessage('', 'max_tokens')),
    refused: anthropicStream(anthropicMessage('', 'refusal')),
    error: (status, code, message) => ({ status, body: { type: 'error', error: { type: code, message } } }),
  },
  openai: {
    model: 'gpt-6.1-terra',
    baseUrl: (url) => `${url}/v1`,
    connect: (url) => openai({ apiKey, baseUrl: `${url}/v1` }),
    stream: openaiStream,
    answer: (text) => openaiStream(openaiResponse(outputText(text), { status: 'completed' })),
    usage,
    errorFrame: (code, message) => event({ type: 'error', code, message, param: null, sequence_number: 9 }),
    truncated: openaiStream(openaiResponse(outputText('{"cat'), outOfRoom)),
    thoughtOnly: openaiStream(openaiResponse([], outOfRoom)),
    refused: openaiStream(openaiResponse([{ type: 'refusal', refusal: 'No.' }], { status: 'completed' })),
    error: (status, code, message) => ({ status, body: { error: { message, type: code, code, param: null } } }),
  },
  google: {
    model: 'gemini-3.8-flash',
    baseUrl: (url) => url,
    connect: (url) => google({ apiKey, baseUrl: url }),
    stream: googleStream,
    answer: (text) => googleStream(googleResponse(text, 'STOP')),
    usage,
    errorFrame: (status, message) => event({ error: { code: status === 'UNAVAILABLE' ? 503 : 500, status, message } }),
    truncated: googleStream(googleResponse('{"cat', 'MAX_TOKENS')),
    thoughtOnly: googleStream(googleResponse('', 'MAX_TOKENS')),
    refused: googleStream(googleResponse('', 'SAFETY')),
    error: (status, code, message) => ({ status, body: { error: { code: status, message, status: code } } }),
  },
};
