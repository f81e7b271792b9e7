// The Messages API of Anthropic.
import type { z } from 'zod';
import { type Answer, piecesOf, toolArguments } from '../answer.ts';
import { type CacheablePrefix, chooseOutput, type OutputRequest, type Prompt, type Turn } from '../prompt.ts';
import { type AnthropicRequest, anthropicRequest, type Block, type content } from './anthropic-request.ts';
import { checkAnthropic, thinkingOf } from './anthropic-rules.ts';
import { anthropicErrorBody, anthropicErrors } from './anthropic-errors.ts';
import { bearer, type Dialect, event, headerText, STREAM_PIECES, THOUGHTS } from './dialect.ts';

const blocksOf = (value: z.output<typeof content> | undefined): Block[] =>
  typeof value === 'string' ? [{ type: 'text', text: value }] : (value ?? []);

const textOf = (blocks: readonly Block[]) => blocks.map((part) => part.text ?? '').join('\n');

const turnsOf = ({ messages }: AnthropicRequest): Turn[] =>
  messages.flatMap(({ role, content: value }): Turn[] => {
    if (role === 'system') return [];
    const blocks = blocksOf(value);
    const results = blocks.filter((part) => part.type === 'tool_result');
    const texts = blocks.filter((part) => part.type === 'text');
    return [
      ...results.map((part): Turn => ({ role: 'tool', text: JSON.stringify(part['content'] ?? '') })),
      ...(texts.length > 0 ? [{ role, text: textOf(texts) }] : []),
    ];
  });

const systemOf = ({ system, messages }: AnthropicRequest) =>
  [system, ...messages.filter(({ role }) => role === 'system').map((message) => message.content)]
    .map((part) => textOf(blocksOf(part)))
    .filter((text) => text !== '')
    .join('\n\n');

/** Everything up to the last mark; the order is the provider's: tools, system, messages. */
const prefixOf = (body: AnthropicRequest): CacheablePrefix | undefined => {
  const segments = [
    ...(body.tools ?? []).map((part) => ({ text: JSON.stringify(part.input_schema), mark: part.cache_control })),
    ...[body.system, ...body.messages.map((message) => message.content)]
      .flatMap(blocksOf)
      .map((part) => ({ text: part.text ?? '', mark: part.cache_control })),
    { text: '', mark: body.cache_control },
  ];
  const last = segments.findLastIndex(({ mark }) => mark);
  if (last < 0) return undefined;
  const text = segments.slice(0, last + 1).map((segment) => segment.text);
  return { text: text.join('\n'), life: segments[last]?.mark?.ttl === '1h' ? 'long' : 'short' };
};

const choiceOf = ({ tool_choice: choice }: AnthropicRequest): OutputRequest['choice'] => {
  if (choice?.type === 'tool') return { name: choice.name ?? '' };
  return choice?.type === 'any' ? 'required' : (choice?.type ?? 'auto');
};

const parse = (value: unknown): Prompt => {
  const body = anthropicRequest.parse(value);
  checkAnthropic(body);
  const turns = turnsOf(body);
  const tools = (body.tools ?? []).map((part) => ({ name: part.name, schema: part.input_schema ?? {} }));
  const format = body.output_config?.format;
  const json = format ? { name: '', schema: format.schema } : undefined;
  return {
    model: body.model,
    stream: body.stream === true,
    system: systemOf(body),
    turns,
    tools,
    output: chooseOutput({ json, tools, choice: choiceOf(body), turns }),
    ...thinkingOf(body),
    maxOutputTokens: body.max_tokens,
    reportsUsage: true,
    prefix: prefixOf(body),
  };
};

const stopReason = ({ finish, tool: called }: Answer) => {
  if (finish === 'length') return 'max_tokens';
  if (finish === 'filtered' || finish === 'refused') return 'refusal';
  if (finish === 'paused') return 'pause_turn';
  return called === undefined ? 'end_turn' : 'tool_use';
};

const deltaUsage = ({ usage }: Answer) => ({
  input_tokens: usage.inputUncached,
  cache_creation_input_tokens: usage.cacheWriteShort + usage.cacheWriteLong,
  cache_read_input_tokens: usage.cacheRead,
  output_tokens: usage.outputVisible + usage.outputReasoning,
  output_tokens_details: { thinking_tokens: usage.outputReasoning },
  server_tool_use: null,
});

const usageOf = (answer: Answer) => ({
  ...deltaUsage(answer),
  cache_creation: {
    ephemeral_5m_input_tokens: answer.usage.cacheWriteShort,
    ephemeral_1h_input_tokens: answer.usage.cacheWriteLong,
  },
  inference_geo: 'not_available',
  service_tier: 'standard',
  speed: 'standard',
});

const noUsage = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

const stopDetails = ({ finish }: Answer) => {
  if (finish === 'filtered') return { type: 'refusal', category: null, explanation: null };
  return finish === 'refused'
    ? { type: 'refusal', category: 'cyber', explanation: 'This request may help an attacker.' }
    : null;
};

const ending = (answer: Answer) => ({
  stop_reason: stopReason(answer),
  stop_sequence: null,
  stop_details: stopDetails(answer),
  container: null,
});

const blockOf = (answer: Answer) =>
  answer.tool === undefined
    ? { type: 'text', text: answer.text, citations: null }
    : {
        type: 'tool_use',
        id: `toolu_${answer.id}`,
        name: answer.tool,
        input: toolArguments(answer),
        caller: { type: 'direct' },
      };

/** Thinking that is kept back still comes as a block, with nothing but its signature. */
const thinkingBlock = (prompt: Prompt, answer: Answer) => ({
  type: 'thinking',
  thinking: prompt.showsThinking ? THOUGHTS : '',
  signature: Buffer.from(`thinking of ${answer.id}`).toString('base64'),
});

const thinks = ({ usage }: Answer) => usage.outputReasoning > 0;

/** Nothing is left to say when the thinking took it all, when the model declined, or when it ended without a word. */
const speaks = ({ text, tool: called }: Answer) => text !== '' || called !== undefined;

const messageOf = (prompt: Prompt, answer: Answer) => ({
  id: `msg_${answer.id}`,
  type: 'message',
  role: 'assistant',
  model: answer.model,
  content: [...(thinks(answer) ? [thinkingBlock(prompt, answer)] : []), ...(speaks(answer) ? [blockOf(answer)] : [])],
  ...ending(answer),
  diagnostics: null,
  ...(answer.tellsUsage !== 'never' && { usage: usageOf(answer) }),
});

const named = (data: { readonly type: string } & Record<string, unknown>) => event(data, data.type);

const blockEvents = (index: number, block: object, deltas: readonly object[]) => [
  event({ type: 'content_block_start', index, content_block: block }, 'content_block_start'),
  ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta }, 'content_block_delta')),
];

const blockStop = (index: number) => event({ type: 'content_block_stop', index }, 'content_block_stop');

const thinkingEvents = (prompt: Prompt, answer: Answer) => {
  if (!thinks(answer)) return [];
  const { thinking, signature, type } = thinkingBlock(prompt, answer);
  const pieces = piecesOf(thinking, 4).map((piece) => ({ type: 'thinking_delta', thinking: piece }));
  const deltas = [...pieces, { type: 'signature_delta', signature }];
  return [...blockEvents(0, { type, thinking: '', signature: '' }, deltas), blockStop(0)];
};

const startUsage = (answer: Answer) =>
  answer.tellsUsage === 'usually'
    ? { ...usageOf(answer), output_tokens: 1, output_tokens_details: null }
    : { ...usageOf(answer), ...noUsage };

const anthropicPing = named({ type: 'ping' });

const streamOf = (prompt: Prompt, answer: Answer) => {
  const start = {
    ...messageOf(prompt, answer),
    content: [],
    stop_reason: null,
    stop_details: null,
    usage: startUsage(answer),
  };
  const index = thinks(answer) ? 1 : 0;
  const empty = blockOf({ ...answer, text: answer.tool === undefined ? '' : '{}' });
  const delta = (piece: string) =>
    answer.tool === undefined ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece };
  const usage = answer.tellsUsage === 'never' ? {} : { usage: deltaUsage(answer) };
  return {
    opening: [named({ type: 'message_start', message: start }), anthropicPing],
    thinking: thinkingEvents(prompt, answer),
    begin: speaks(answer) ? blockEvents(index, empty, []) : [],
    content: piecesOf(answer.text, STREAM_PIECES).map((piece) =>
      event({ type: 'content_block_delta', index, delta: delta(piece) }, 'content_block_delta'),
    ),
    closing: [
      ...(speaks(answer) ? [blockStop(index)] : []),
      event({ type: 'message_delta', delta: ending(answer), ...usage }, 'message_delta'),
      named({ type: 'message_stop' }),
    ],
  };
};

export const anthropic: Dialect = {
  provider: 'anthropic',
  key: (headers) => headerText(headers['x-api-key']) ?? bearer(headers),
  parse,
  body: messageOf,
  stream: streamOf,
  error: (failure, requestId) => ({
    status: anthropicErrors[failure.kind][0],
    body: anthropicErrorBody(failure, requestId),
  }),
  errorEvent: (failure, requestId) => event(anthropicErrorBody(failure, requestId), 'error'),
  ping: anthropicPing,
  unknownEvents: [
    event({ type: 'turn_annotation', index: 0, annotation: { kind: 'novel' } }, 'turn_annotation'),
    event(
      { type: 'content_block_delta', index: 0, delta: { type: 'novel_delta', novel: 'text' } },
      'content_block_delta',
    ),
  ],
};
