// OpenAI's Chat Completions API.
import { z } from 'zod';
import { type Answer, piecesOf } from '../answer.ts';
import { anyObject, chooseOutput, implicitPrefix, type OutputRequest, type Prompt, type Turn } from '../prompt.ts';
import { totalInput } from '../usage.ts';
import { type Dialect, event, REFUSAL, STREAM_PIECES } from './dialect.ts';
import { checkChat, checkKnobs, openaiErrors, thinkingOf } from './openai.ts';

const content = z
  .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
  .nullish();

const schemaFormat = z.looseObject({
  type: z.literal('json_schema'),
  json_schema: z.looseObject({ name: z.string(), schema: z.record(z.string(), z.unknown()).default({}) }),
});

const request = z.looseObject({
  model: z.string().min(1),
  messages: z
    .array(z.looseObject({ role: z.enum(['developer', 'system', 'user', 'assistant', 'tool', 'function']), content }))
    .min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  reasoning_effort: z.string().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  response_format: z
    .discriminatedUnion('type', [
      schemaFormat,
      z.looseObject({ type: z.literal('json_object') }),
      z.looseObject({ type: z.literal('text') }),
    ])
    .optional(),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({ name: z.string(), parameters: z.record(z.string(), z.unknown()).default({}) }),
      }),
    )
    .optional(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) }),
    ])
    .optional(),
});
type Request = z.output<typeof request>;

const textOf = (value: z.output<typeof content>) =>
  typeof value === 'string' ? value : (value ?? []).map((part) => part.text ?? '').join('\n');

const turnsOf = ({ messages }: Request): Turn[] =>
  messages.flatMap(({ role, content: value }): Turn[] => {
    if (role === 'developer' || role === 'system') return [];
    return [{ role: role === 'function' ? 'tool' : role, text: textOf(value) }];
  });

const systemOf = ({ messages }: Request) =>
  messages
    .filter(({ role }) => role === 'developer' || role === 'system')
    .map((message) => textOf(message.content))
    .join('\n\n');

const jsonOf = ({ response_format: format }: Request): OutputRequest['json'] => {
  if (format?.type === 'json_schema') return { name: format.json_schema.name, schema: format.json_schema.schema };
  return format?.type === 'json_object' ? { name: '', schema: anyObject } : undefined;
};

const choiceOf = ({ tool_choice: choice }: Request): OutputRequest['choice'] =>
  typeof choice === 'object' ? { name: choice.function.name } : (choice ?? 'auto');

const parse = (value: unknown): Prompt => {
  const body = request.parse(value);
  checkChat(body);
  checkKnobs({
    model: body.model,
    effort: body.reasoning_effort,
    effortParam: 'reasoning_effort',
    temperature: body.temperature,
    topP: body.top_p,
  });
  const turns = turnsOf(body);
  const system = systemOf(body);
  const tools = (body.tools ?? []).map((part) => ({ name: part.function.name, schema: part.function.parameters }));
  return {
    model: body.model,
    stream: body.stream === true,
    system,
    turns,
    tools,
    output: chooseOutput({ json: jsonOf(body), tools, choice: choiceOf(body), turns }),
    ...thinkingOf(body.model, body.reasoning_effort, undefined),
    maxOutputTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    prefix: implicitPrefix(system, tools, turns),
    reportsUsage: body.stream_options?.include_usage === true,
  };
};

const finishReason = ({ finish, tool }: Answer) => {
  if (finish === 'length') return 'length';
  if (finish === 'filtered' || finish === 'paused') return 'content_filter';
  return tool === undefined ? 'stop' : 'tool_calls';
};

const usageOf = ({ usage }: Answer) => {
  const input = totalInput(usage);
  const output = usage.outputVisible + usage.outputReasoning;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWriteShort + usage.cacheWriteLong,
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.outputReasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
};

const envelope = (answer: Answer) => ({
  id: `chatcmpl-${answer.id}`,
  created: answer.createdAt,
  model: answer.model,
  service_tier: 'default',
});

const callOf = (answer: Answer, name: string) => ({
  id: `call_${answer.id}`,
  type: 'function',
  function: { name, arguments: answer.text },
});

const bodyOf = (_prompt: Prompt, answer: Answer) => {
  const message = {
    role: 'assistant',
    content: answer.tool === undefined && answer.finish !== 'refused' ? answer.text : null,
    refusal: answer.finish === 'refused' ? REFUSAL : null,
    annotations: [],
    ...(answer.tool !== undefined && { tool_calls: [callOf(answer, answer.tool)] }),
  };
  return {
    ...envelope(answer),
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(answer) }],
    ...(answer.tellsUsage !== 'never' && { usage: usageOf(answer) }),
  };
};

const streamOf = (prompt: Prompt, answer: Answer) => {
  const reports = prompt.reportsUsage && answer.tellsUsage !== 'never';
  const usage = reports ? { usage: null } : {};
  const base = { ...envelope(answer), object: 'chat.completion.chunk' };
  const chunk = (delta: object, finish: string | null) =>
    event({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usage });
  const toolDelta = (call: object) => ({ tool_calls: [{ index: 0, ...call }] });
  const start =
    answer.tool === undefined
      ? { content: '' }
      : { content: null, ...toolDelta(callOf({ ...answer, text: '' }, answer.tool)) };
  const delta = (piece: string) =>
    answer.tool === undefined ? { content: piece } : toolDelta({ function: { arguments: piece } });
  return {
    opening: [chunk({ role: 'assistant', refusal: null, ...start }, null)],
    thinking: [],
    begin: answer.finish === 'refused' ? [chunk({ refusal: REFUSAL }, null)] : [],
    content: piecesOf(answer.text, STREAM_PIECES).map((piece) => chunk(delta(piece), null)),
    closing: [
      chunk({}, finishReason(answer)),
      ...(reports ? [event({ ...base, choices: [], usage: usageOf(answer) })] : []),
      'data: [DONE]\n\n',
    ],
  };
};

export const openaiChat: Dialect = {
  ...openaiErrors,
  parse,
  body: bodyOf,
  stream: streamOf,
  ping: undefined,
  unknownEvents: [
    event({
      object: 'chat.completion.chunk',
      id: 'novel',
      created: 0,
      model: 'novel',
      choices: [],
      moderation: { flagged: false },
    }),
  ],
};
