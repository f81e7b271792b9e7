// OpenAI's Responses API.
import { z } from 'zod';
import { type Answer, piecesOf } from '../answer.ts';
import { anyObject, chooseOutput, implicitPrefix, type OutputRequest, type Prompt, type Turn } from '../prompt.ts';
import { totalInput } from '../usage.ts';
import { type Dialect, event, type EventStream, STREAM_PIECES } from './dialect.ts';
import { openaiErrors, reasons } from './openai.ts';

const content = z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]);

const item = z.looseObject({
  type: z.string().optional(),
  role: z.enum(['developer', 'system', 'user', 'assistant']).optional(),
  content: content.nullish(),
  output: z.unknown().optional(),
});
type Item = z.output<typeof item>;

const format = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('json_schema'), name: z.string(), schema: z.record(z.string(), z.unknown()) }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({ type: z.literal('text') }),
]);

const request = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().positive().nullish(),
  reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
  text: z.looseObject({ format: format.optional() }).optional(),
  tools: z
    .array(
      z.looseObject({
        type: z.string(),
        name: z.string().optional(),
        parameters: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .optional(),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string(), name: z.string().optional() })])
    .optional(),
});
type Request = z.output<typeof request>;

const itemsOf = ({ input }: Request): Item[] =>
  typeof input === 'string' ? [{ role: 'user', content: input }] : input;

const textOf = ({ content: value }: Item) =>
  typeof value === 'string' ? value : (value ?? []).map((part) => part.text ?? '').join('\n');

const turnOf = (part: Item): Turn[] => {
  if (part.type === 'function_call_output') return [{ role: 'tool', text: JSON.stringify(part.output ?? '') }];
  return part.role === 'user' || part.role === 'assistant' ? [{ role: part.role, text: textOf(part) }] : [];
};

const systemOf = (body: Request) => {
  const rules = itemsOf(body).filter(({ role }) => role === 'developer' || role === 'system');
  return [body.instructions ?? '', ...rules.map(textOf)].filter((text) => text !== '').join('\n\n');
};

const jsonOf = ({ text }: Request): OutputRequest['json'] => {
  if (text?.format?.type === 'json_schema') return { name: text.format.name, schema: text.format.schema };
  return text?.format?.type === 'json_object' ? { name: '', schema: anyObject } : undefined;
};

const choiceOf = ({ tool_choice: choice }: Request): OutputRequest['choice'] =>
  typeof choice === 'object' ? { name: choice.name ?? '' } : (choice ?? 'auto');

const parse = (value: unknown): Prompt => {
  const body = request.parse(value);
  const turns = itemsOf(body).flatMap(turnOf);
  const system = systemOf(body);
  const tools = (body.tools ?? []).flatMap(({ name, parameters }) =>
    name === undefined ? [] : [{ name, schema: parameters ?? {} }],
  );
  return {
    model: body.model,
    stream: body.stream === true,
    system,
    turns,
    tools,
    output: chooseOutput({ json: jsonOf(body), tools, choice: choiceOf(body), turns }),
    reasoning: reasons(body.reasoning?.effort),
    maxOutputTokens: body.max_output_tokens ?? undefined,
    reportsUsage: true,
    prefix: implicitPrefix(system, tools, turns),
  };
};

const usageOf = ({ usage }: Answer) => {
  const input = totalInput(usage);
  const output = usage.outputVisible + usage.outputReasoning;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWriteShort + usage.cacheWriteLong,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.outputReasoning },
    total_tokens: input + output,
  };
};

const statusOf = ({ finish }: Answer) => (finish === 'stop' ? 'completed' : 'incomplete');

const itemOf = (answer: Answer) =>
  answer.tool === undefined
    ? {
        id: `msg_${answer.id}`,
        type: 'message',
        role: 'assistant',
        status: statusOf(answer),
        content: [partOf(answer.text)],
      }
    : {
        id: `fc_${answer.id}`,
        type: 'function_call',
        call_id: `call_${answer.id}`,
        name: answer.tool,
        arguments: answer.text,
        status: statusOf(answer),
      };

const partOf = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

const incomplete = ({ finish }: Answer) => {
  if (finish === 'stop') return null;
  return { reason: finish === 'length' ? 'max_output_tokens' : 'content_filter' };
};

const bodyOf = (prompt: Prompt, answer: Answer) => ({
  id: `resp_${answer.id}`,
  object: 'response',
  created_at: answer.createdAt,
  completed_at: answer.createdAt,
  status: statusOf(answer),
  error: null,
  incomplete_details: incomplete(answer),
  instructions: prompt.system === '' ? null : prompt.system,
  max_output_tokens: prompt.maxOutputTokens ?? null,
  model: prompt.model,
  output: [itemOf(answer)],
  parallel_tool_calls: true,
  previous_response_id: null,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  service_tier: 'default',
  store: false,
  truncation: 'disabled',
  metadata: {},
  usage: usageOf(answer),
});

/** Numbers the events, as the provider does. */
const numbered = () => {
  let next = 0;
  return (data: { readonly type: string } & Record<string, unknown>) =>
    event({ ...data, sequence_number: next++ }, data.type);
};

const streamOf = (prompt: Prompt, answer: Answer): EventStream => {
  const numberedEvent = numbered();
  const whole = bodyOf(prompt, answer);
  const begun = {
    ...whole,
    status: 'in_progress',
    completed_at: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };
  const finished = itemOf(answer);
  const started = { ...itemOf({ ...answer, text: '' }), status: 'in_progress' };
  const at = { item_id: finished.id, output_index: 0 };
  const inPart = { ...at, content_index: 0 };
  const isText = answer.tool === undefined;
  const deltaOf = (delta: string) =>
    isText
      ? { type: 'response.output_text.delta', ...inPart, delta, logprobs: [] }
      : { type: 'response.function_call_arguments.delta', ...at, delta };
  const endings = isText
    ? [
        { type: 'response.output_text.done', ...inPart, text: answer.text, logprobs: [] },
        { type: 'response.content_part.done', ...inPart, part: partOf(answer.text) },
      ]
    : [{ type: 'response.function_call_arguments.done', ...at, arguments: answer.text }];
  const opening = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: isText ? { ...started, content: [] } : started },
    ...(isText ? [{ type: 'response.content_part.added', ...inPart, part: partOf('') }] : []),
  ].map(numberedEvent);
  return {
    opening,
    content: piecesOf(answer.text, STREAM_PIECES).map((piece) => numberedEvent(deltaOf(piece))),
    closing: [
      ...endings,
      { type: 'response.output_item.done', output_index: 0, item: finished },
      { type: `response.${whole.status}`, response: whole },
    ].map(numberedEvent),
  };
};

export const openaiResponses: Dialect = {
  ...openaiErrors,
  parse,
  body: bodyOf,
  stream: streamOf,
  errorEvent: (failure, requestId) => {
    const { body } = openaiErrors.error(failure, requestId);
    return event({ type: 'error', ...(body as { error: object }).error, sequence_number: 0 }, 'error');
  },
};
