// OpenAI's Responses API: how its answers are written.
import { type Answer, piecesOf } from '../answer.ts';
import type { Prompt } from '../prompt.ts';
import { totalInput } from '../usage.ts';
import { type Dialect, event, type EventStream, REFUSAL, STREAM_PIECES, THOUGHTS } from './dialect.ts';
import { parseResponses } from './openai-responses-request.ts';
import { openaiErrors } from './openai.ts';

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

const statusOf = ({ finish }: Answer) => (finish === 'stop' || finish === 'refused' ? 'completed' : 'incomplete');

const reasons: Readonly<Record<Exclude<Answer['finish'], 'stop' | 'refused'>, string>> = {
  length: 'max_output_tokens',
  filtered: 'content_filter',
  paused: 'max_messages',
};

const incomplete = ({ finish }: Answer) =>
  finish === 'stop' || finish === 'refused' ? null : { reason: reasons[finish] };

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

const partOf = ({ finish, text }: Answer) =>
  finish === 'refused' ? { type: 'refusal', refusal: REFUSAL } : textPart(text);

const itemOf = (answer: Answer) =>
  answer.tool === undefined
    ? {
        id: `msg_${answer.id}`,
        type: 'message',
        role: 'assistant',
        status: statusOf(answer),
        content: [partOf(answer)],
      }
    : {
        id: `fc_${answer.id}`,
        type: 'function_call',
        call_id: `call_${answer.id}`,
        name: answer.tool,
        arguments: answer.text,
        status: statusOf(answer),
      };

/** The thoughts as the caller gets them: sealed, and summarised when the request asks for that. */
const reasoningItem = (prompt: Prompt, answer: Answer) => ({
  id: `rs_${answer.id}`,
  type: 'reasoning',
  summary: prompt.showsThinking ? [{ type: 'summary_text', text: THOUGHTS }] : [],
  encrypted_content: Buffer.from(`reasoning of ${answer.id}`).toString('base64'),
});

const thinks = ({ usage }: Answer) => usage.outputReasoning > 0;

/** No message at all when the thinking took the whole limit. */
const speaks = (answer: Answer) =>
  answer.text !== '' || answer.tool !== undefined || !thinks(answer) || answer.finish !== 'length';

const itemsIn = (prompt: Prompt, answer: Answer) => [
  ...(thinks(answer) ? [reasoningItem(prompt, answer)] : []),
  ...(speaks(answer) ? [itemOf(answer)] : []),
];

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
  model: answer.model,
  output: itemsIn(prompt, answer),
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: prompt.effort, summary: null },
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  service_tier: 'default',
  store: false,
  truncation: 'disabled',
  metadata: {},
  usage: answer.tellsUsage === 'never' ? null : usageOf(answer),
});

type Data = { readonly type: string } & Record<string, unknown>;

const thinkingData = (prompt: Prompt, answer: Answer): Data[] => {
  if (!thinks(answer)) return [];
  const item = reasoningItem(prompt, answer);
  const at = { item_id: item.id, output_index: 0, summary_index: 0 };
  const empty = { type: 'summary_text', text: '' };
  return [
    { type: 'response.output_item.added', output_index: 0, item: { ...item, summary: [], encrypted_content: '' } },
    ...item.summary.flatMap((part): Data[] => [
      { type: 'response.reasoning_summary_part.added', ...at, part: empty },
      ...piecesOf(part.text, 4).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...at, delta })),
      { type: 'response.reasoning_summary_text.done', ...at, text: part.text },
      { type: 'response.reasoning_summary_part.done', ...at, part },
    ]),
    { type: 'response.output_item.done', output_index: 0, item },
  ];
};

interface ItemEvents {
  readonly begin: readonly Data[];
  readonly content: readonly Data[];
  readonly end: readonly Data[];
}

const refusalEvents = (inPart: object): Pick<ItemEvents, 'content' | 'end'> => ({
  content: piecesOf(REFUSAL, 4).map((delta) => ({ type: 'response.refusal.delta', ...inPart, delta })),
  end: [{ type: 'response.refusal.done', ...inPart, refusal: REFUSAL }],
});

const textEvents = (answer: Answer, inPart: object): Pick<ItemEvents, 'content' | 'end'> => ({
  content: piecesOf(answer.text, STREAM_PIECES).map((delta) => ({
    type: 'response.output_text.delta',
    ...inPart,
    delta,
    logprobs: [],
  })),
  end: [{ type: 'response.output_text.done', ...inPart, text: answer.text, logprobs: [] }],
});

const messageEvents = (answer: Answer, at: { item_id: string; output_index: number }): ItemEvents => {
  const item = itemOf(answer);
  const inPart = { ...at, content_index: 0 };
  const { content, end } = answer.finish === 'refused' ? refusalEvents(inPart) : textEvents(answer, inPart);
  const started = { ...item, status: 'in_progress', content: [] };
  return {
    begin: [
      { type: 'response.output_item.added', output_index: at.output_index, item: started },
      { type: 'response.content_part.added', ...inPart, part: partOf({ ...answer, text: '' }) },
    ],
    content,
    end: [
      ...end,
      { type: 'response.content_part.done', ...inPart, part: partOf(answer) },
      { type: 'response.output_item.done', output_index: at.output_index, item },
    ],
  };
};

const callEvents = (answer: Answer, at: { item_id: string; output_index: number }): ItemEvents => {
  const item = itemOf(answer);
  const started = { ...itemOf({ ...answer, text: '' }), status: 'in_progress' };
  return {
    begin: [{ type: 'response.output_item.added', output_index: at.output_index, item: started }],
    content: piecesOf(answer.text, STREAM_PIECES).map((delta) => ({
      type: 'response.function_call_arguments.delta',
      ...at,
      delta,
    })),
    end: [
      { type: 'response.function_call_arguments.done', ...at, arguments: answer.text },
      { type: 'response.output_item.done', output_index: at.output_index, item },
    ],
  };
};

const silent: ItemEvents = { begin: [], content: [], end: [] };

const itemEvents = (answer: Answer): ItemEvents => {
  if (!speaks(answer)) return silent;
  const at = { item_id: itemOf(answer).id, output_index: thinks(answer) ? 1 : 0 };
  return answer.tool === undefined ? messageEvents(answer, at) : callEvents(answer, at);
};

/** Numbers the events, as the provider does. */
const numbered = () => {
  let next = 0;
  return (data: Data) => event({ ...data, sequence_number: next++ }, data.type);
};

const streamOf = (prompt: Prompt, answer: Answer): EventStream => {
  const number = numbered();
  const whole = bodyOf(prompt, answer);
  const begun = {
    ...whole,
    status: 'in_progress',
    completed_at: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };
  const { begin, content, end } = itemEvents(answer);
  const opening = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
  ];
  return {
    opening: opening.map(number),
    thinking: thinkingData(prompt, answer).map(number),
    begin: begin.map(number),
    content: content.map(number),
    closing: [...end, { type: `response.${whole.status}`, response: whole }].map(number),
  };
};

export const openaiResponses: Dialect = {
  ...openaiErrors,
  parse: parseResponses,
  body: bodyOf,
  stream: streamOf,
  errorEvent: (failure, requestId) => {
    const { body } = openaiErrors.error(failure, requestId);
    return event({ type: 'error', ...(body as { error: object }).error, sequence_number: 0 }, 'error');
  },
  ping: undefined,
  unknownEvents: [
    event({ type: 'response.novelty.delta', delta: 'text', sequence_number: 0 }, 'response.novelty.delta'),
  ],
};
