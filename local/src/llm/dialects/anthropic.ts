// The Messages API of Anthropic.
import { z } from 'zod';
import { type Answer, piecesOf, toolArguments } from '../answer.ts';
import { type CacheablePrefix, chooseOutput, type OutputRequest, type Prompt, type Turn } from '../prompt.ts';
import { bearer, type Dialect, event, type Failure, headerText, STREAM_PIECES } from './dialect.ts';

const cacheControl = z.looseObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish();

const block = z.looseObject({ type: z.string(), text: z.string().optional(), cache_control: cacheControl });
type Block = z.output<typeof block>;
const content = z.union([z.string(), z.array(block)]);

const tool = z.looseObject({
  name: z.string(),
  input_schema: z.record(z.string(), z.unknown()).optional(),
  cache_control: cacheControl,
});

const request = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.int().positive(),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content })).min(1),
  system: content.optional(),
  stream: z.boolean().nullish(),
  tools: z.array(tool).optional(),
  tool_choice: z.looseObject({ type: z.enum(['auto', 'any', 'tool', 'none']), name: z.string().optional() }).optional(),
  output_config: z
    .looseObject({
      format: z.looseObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).nullish(),
    })
    .optional(),
  thinking: z.looseObject({ type: z.string() }).optional(),
  cache_control: cacheControl,
});
type Request = z.output<typeof request>;

const blocksOf = (value: z.output<typeof content> | undefined): Block[] =>
  typeof value === 'string' ? [{ type: 'text', text: value }] : (value ?? []);

const textOf = (blocks: readonly Block[]) => blocks.map((part) => part.text ?? '').join('\n');

const turnsOf = ({ messages }: Request): Turn[] =>
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

const systemOf = ({ system, messages }: Request) =>
  [system, ...messages.filter(({ role }) => role === 'system').map((message) => message.content)]
    .map((part) => textOf(blocksOf(part)))
    .filter((text) => text !== '')
    .join('\n\n');

/** Everything up to the last mark; the order is the provider's: tools, system, messages. */
const prefixOf = (body: Request): CacheablePrefix | undefined => {
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

const choiceOf = ({ tool_choice: choice }: Request): OutputRequest['choice'] => {
  if (choice?.type === 'tool') return { name: choice.name ?? '' };
  return choice?.type === 'any' ? 'required' : (choice?.type ?? 'auto');
};

const parse = (value: unknown): Prompt => {
  const body = request.parse(value);
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
    reasoning: body.thinking !== undefined && body.thinking.type !== 'disabled',
    maxOutputTokens: body.max_tokens,
    reportsUsage: true,
    prefix: prefixOf(body),
  };
};

const stopReason = ({ finish, tool: called }: Answer) => {
  if (finish === 'length') return 'max_tokens';
  if (finish === 'filtered') return 'refusal';
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

const refusal = { type: 'refusal', category: null, explanation: null };

const ending = (answer: Answer) => ({
  stop_reason: stopReason(answer),
  stop_sequence: null,
  stop_details: answer.finish === 'filtered' ? refusal : null,
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

const messageOf = (prompt: Prompt, answer: Answer) => ({
  id: `msg_${answer.id}`,
  type: 'message',
  role: 'assistant',
  model: prompt.model,
  content: answer.finish === 'filtered' ? [] : [blockOf(answer)],
  ...ending(answer),
  diagnostics: null,
  usage: usageOf(answer),
});

const named = (data: { readonly type: string } & Record<string, unknown>) => event(data, data.type);

const streamOf = (prompt: Prompt, answer: Answer) => {
  const start = {
    ...messageOf(prompt, answer),
    content: [],
    stop_reason: null,
    stop_details: null,
    usage: { ...usageOf(answer), output_tokens: 1, output_tokens_details: null },
  };
  const emptyBlock = blockOf({ ...answer, text: answer.tool === undefined ? '' : '{}' });
  const hasBlock = answer.finish !== 'filtered';
  const delta = (piece: string) =>
    answer.tool === undefined ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece };
  return {
    opening: [
      named({ type: 'message_start', message: start }),
      ...(hasBlock
        ? [event({ type: 'content_block_start', index: 0, content_block: emptyBlock }, 'content_block_start')]
        : []),
      named({ type: 'ping' }),
    ],
    content: piecesOf(answer.text, STREAM_PIECES).map((piece) =>
      event({ type: 'content_block_delta', index: 0, delta: delta(piece) }, 'content_block_delta'),
    ),
    closing: [
      ...(hasBlock ? [event({ type: 'content_block_stop', index: 0 }, 'content_block_stop')] : []),
      event({ type: 'message_delta', delta: ending(answer), usage: deltaUsage(answer) }, 'message_delta'),
      named({ type: 'message_stop' }),
    ],
  };
};

const errors = {
  unauthenticated: [401, 'authentication_error'],
  invalid: [400, 'invalid_request_error'],
  'not-found': [404, 'not_found_error'],
  'too-large': [413, 'request_too_large'],
  'context-length': [400, 'invalid_request_error'],
  'rate-limited': [429, 'rate_limit_error'],
  overloaded: [529, 'overloaded_error'],
  internal: [500, 'api_error'],
} as const;

const errorBody = ({ kind, message }: Failure, requestId: string) => ({
  type: 'error',
  error: { type: errors[kind][1], message },
  request_id: requestId,
});

export const anthropic: Dialect = {
  provider: 'anthropic',
  key: (headers) => headerText(headers['x-api-key']) ?? bearer(headers),
  parse,
  body: messageOf,
  stream: streamOf,
  error: (failure, requestId) => ({ status: errors[failure.kind][0], body: errorBody(failure, requestId) }),
  errorEvent: (failure, requestId) => event(errorBody(failure, requestId), 'error'),
};
