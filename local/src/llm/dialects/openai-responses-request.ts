// OpenAI's Responses API: how its requests are read.
import { z } from 'zod';
import { anyObject, chooseOutput, implicitPrefix, type OutputRequest, type Prompt, type Turn } from '../prompt.ts';
import { forbid } from './dialect.ts';
import { checkKnobs, thinkingOf } from './openai.ts';

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
  reasoning: z.looseObject({ effort: z.string().nullish(), summary: z.string().nullish() }).nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  conversation: z.unknown().optional(),
  previous_response_id: z.string().nullish(),
  stream_options: z.unknown().optional(),
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

/** Throws a Refusal. */
const check = (body: Request) => {
  checkKnobs({
    model: body.model,
    effort: body.reasoning?.effort,
    effortParam: 'reasoning.effort',
    temperature: body.temperature,
    topP: body.top_p,
  });
  forbid(
    body.conversation != null && body.previous_response_id != null,
    "Mutually exclusive parameters: 'conversation' and 'previous_response_id'.",
    { param: 'previous_response_id', code: 'mutually_exclusive_parameters' },
  );
  forbid(
    body.stream_options != null && body.stream !== true,
    "'stream_options' is only allowed when 'stream' is true.",
    {
      param: 'stream_options',
    },
  );
  const names = (body.tools ?? []).map(({ name }) => name);
  const wanted = typeof body.tool_choice === 'object' ? body.tool_choice.name : undefined;
  forbid(
    wanted !== undefined && !names.includes(wanted),
    `Tool choice '${wanted ?? ''}' not found in 'tools' parameter.`,
    {
      param: 'tool_choice',
    },
  );
};

/** Reads a request. Throws a ZodError or a Refusal. */
export const parseResponses = (value: unknown): Prompt => {
  const body = request.parse(value);
  check(body);
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
    ...thinkingOf(body.model, body.reasoning?.effort, body.reasoning?.summary),
    maxOutputTokens: body.max_output_tokens ?? undefined,
    reportsUsage: true,
    prefix: implicitPrefix(system, tools, turns),
  };
};
