// The Gemini API of Google: `models/{model}:generateContent` and `:streamGenerateContent?alt=sse`.
import { z } from 'zod';
import { type Answer, piecesOf, toolArguments } from '../answer.ts';
import { anyObject, chooseOutput, implicitPrefix, type OutputRequest, type Prompt, type Turn } from '../prompt.ts';
import { totalInput } from '../usage.ts';
import { type Dialect, event, type Failure, headerText, STREAM_PIECES, THOUGHTS } from './dialect.ts';
import { checkGemini, thinkingOf } from './gemini-rules.ts';

const part = z.looseObject({ text: z.string().optional(), functionResponse: z.unknown().optional() });
const content = z.looseObject({ role: z.string().optional(), parts: z.array(part).default([]) });
const schema = z.record(z.string(), z.unknown());

const request = z.looseObject({
  contents: z.array(content).min(1),
  systemInstruction: content.optional(),
  generationConfig: z
    .looseObject({
      responseMimeType: z.string().optional(),
      responseSchema: schema.optional(),
      responseJsonSchema: schema.optional(),
      maxOutputTokens: z.int().positive().optional(),
      thinkingConfig: z
        .looseObject({
          thinkingBudget: z.int().optional(),
          thinkingLevel: z.string().optional(),
          includeThoughts: z.boolean().optional(),
        })
        .optional(),
    })
    .optional(),
  tools: z
    .array(
      z.looseObject({
        functionDeclarations: z
          .array(
            z.looseObject({ name: z.string(), parameters: schema.optional(), parametersJsonSchema: schema.optional() }),
          )
          .default([]),
      }),
    )
    .optional(),
  toolConfig: z
    .looseObject({
      functionCallingConfig: z
        .looseObject({ mode: z.string().optional(), allowedFunctionNames: z.array(z.string()).optional() })
        .optional(),
    })
    .optional(),
});
type Request = z.output<typeof request>;
type Part = z.output<typeof part>;

const textOf = (parts: readonly Part[]) =>
  parts
    .map(({ text }) => text ?? '')
    .filter((text) => text !== '')
    .join('\n');

const turnsOf = ({ contents }: Request): Turn[] =>
  contents.flatMap(({ role, parts }): Turn[] => {
    const results = parts.filter(({ functionResponse }) => functionResponse !== undefined);
    const text = textOf(parts);
    return [
      ...results.map(({ functionResponse }): Turn => ({ role: 'tool', text: JSON.stringify(functionResponse) })),
      ...(text === '' ? [] : [{ role: role === 'model' ? 'assistant' : 'user', text } as const]),
    ];
  });

const jsonOf = ({ generationConfig: config }: Request): OutputRequest['json'] => {
  const wanted = config?.responseJsonSchema ?? config?.responseSchema;
  return config?.responseMimeType === 'application/json' ? { name: '', schema: wanted ?? anyObject } : undefined;
};

const choiceOf = ({ toolConfig }: Request): OutputRequest['choice'] => {
  const config = toolConfig?.functionCallingConfig;
  if (config?.mode === 'NONE') return 'none';
  if (config?.mode !== 'ANY') return 'auto';
  const [name] = config.allowedFunctionNames ?? [];
  return name === undefined ? 'required' : { name };
};

const parse: Dialect['parse'] = (value, { model, method }): Prompt => {
  const body = request.parse(value);
  checkGemini(body, { model, method });
  const turns = turnsOf(body);
  const system = textOf(body.systemInstruction?.parts ?? []);
  const tools = (body.tools ?? [])
    .flatMap(({ functionDeclarations }) => functionDeclarations)
    .map((declared) => ({ name: declared.name, schema: declared.parametersJsonSchema ?? declared.parameters ?? {} }));
  return {
    model,
    stream: method === 'streamGenerateContent',
    system,
    turns,
    tools,
    output: chooseOutput({ json: jsonOf(body), tools, choice: choiceOf(body), turns }),
    ...thinkingOf(model, body.generationConfig?.thinkingConfig),
    maxOutputTokens: body.generationConfig?.maxOutputTokens,
    reportsUsage: true,
    prefix: implicitPrefix(system, tools, turns),
  };
};

const finishReason = ({ finish }: Answer) => {
  if (finish === 'filtered') return 'SAFETY';
  if (finish === 'paused') return 'CONTINUATION';
  return finish === 'length' ? 'MAX_TOKENS' : 'STOP';
};

const usageOf = ({ usage }: Answer, candidatesTokenCount = usage.outputVisible) => {
  const input = totalInput(usage);
  return {
    promptTokenCount: input,
    candidatesTokenCount,
    thoughtsTokenCount: usage.outputReasoning,
    ...(usage.cacheRead > 0 && { cachedContentTokenCount: usage.cacheRead }),
    totalTokenCount: input + candidatesTokenCount + usage.outputReasoning,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    serviceTier: 'standard',
  };
};

const partsOf = (answer: Answer, text: string) => {
  if (answer.tool !== undefined) {
    return [{ functionCall: { id: `call-${answer.id}`, name: answer.tool, args: toolArguments(answer) } }];
  }
  return text === '' ? [] : [{ text }];
};

interface Chunk {
  readonly candidate: object;
  /** Undefined where the token counts are not told. */
  readonly tokens: number | undefined;
}

/** A prompt that is blocked has no candidate. */
const responseOf = (answer: Answer, { candidate, tokens }: Chunk) => ({
  ...(answer.finish === 'refused'
    ? { promptFeedback: { blockReason: 'PROHIBITED_CONTENT', safetyRatings: [] } }
    : { candidates: [{ index: 0, ...candidate }] }),
  modelVersion: answer.model,
  responseId: answer.id,
  ...(tokens !== undefined && { usageMetadata: usageOf(answer, tokens) }),
});

const thoughtPart = { text: THOUGHTS, thought: true };

const shows = (prompt: Prompt, { usage }: Answer) => prompt.showsThinking && usage.outputReasoning > 0;

const ending = (answer: Answer) => ({
  finishReason: finishReason(answer),
  ...(answer.finish === 'paused' && { continuationToken: `continue-${answer.id}` }),
});

const whole = (answer: Answer) => (answer.tellsUsage === 'never' ? undefined : answer.usage.outputVisible);

/** When thinking took the whole limit, the content has a role and no parts. */
const bodyOf = (prompt: Prompt, answer: Answer) => {
  const parts = [...(shows(prompt, answer) ? [thoughtPart] : []), ...partsOf(answer, answer.text)];
  const content = parts.length === 0 ? { role: 'model' } : { role: 'model', parts };
  return responseOf(answer, { candidate: { content, ...ending(answer) }, tokens: whole(answer) });
};

/** Counts grow from chunk to chunk; a tool call comes in one piece. The last chunk of all says why it ended. */
const streamOf = (prompt: Prompt, answer: Answer) => {
  const pieces = answer.tool === undefined ? piecesOf(answer.text, STREAM_PIECES) : [answer.text];
  const isCounting = answer.tellsUsage === 'usually';
  const soFar = (index: number) =>
    isCounting ? Math.floor((answer.usage.outputVisible * (index + 1)) / (pieces.length + 1)) : undefined;
  const chunk = (parts: readonly object[], tokens: number | undefined) =>
    event(responseOf(answer, { candidate: { content: { role: 'model', parts } }, tokens }));
  const last = { content: { role: 'model', parts: [{ text: '' }] }, ...ending(answer) };
  return {
    opening: [],
    thinking: shows(prompt, answer) ? [chunk([thoughtPart], isCounting ? 0 : undefined)] : [],
    begin: [],
    content:
      answer.finish === 'refused' ? [] : pieces.map((piece, index) => chunk(partsOf(answer, piece), soFar(index))),
    closing: [event(responseOf(answer, { candidate: last, tokens: whole(answer) }))],
  };
};

const errors = {
  unauthenticated: [401, 'UNAUTHENTICATED'],
  forbidden: [403, 'PERMISSION_DENIED'],
  invalid: [400, 'INVALID_ARGUMENT'],
  'not-found': [404, 'NOT_FOUND'],
  'no-model': [404, 'NOT_FOUND'],
  unpaid: [402, 'FAILED_PRECONDITION'],
  'dead-money': [429, 'RESOURCE_EXHAUSTED'],
  'too-large': [413, 'INVALID_ARGUMENT'],
  'context-length': [400, 'INVALID_ARGUMENT'],
  'rate-limited': [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
  internal: [500, 'INTERNAL'],
} as const;

const details = ({ kind, retryAfterSeconds }: Failure) => [
  ...(kind === 'dead-money'
    ? [
        {
          '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
          violations: [{ quotaMetric: 'generativelanguage.googleapis.com/prepaid_credit', quotaId: 'PrepaidCredit' }],
        },
      ]
    : []),
  ...(retryAfterSeconds === undefined
    ? []
    : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterSeconds}s` }]),
];

const errorBody = (failure: Failure, wordy = false) => {
  const [code, status] = errors[failure.kind];
  const more = details(failure);
  return {
    error: {
      code: wordy ? status.toLowerCase() : code,
      message: failure.message,
      status,
      ...(more.length > 0 && { details: more }),
    },
  };
};

export const gemini: Dialect = {
  provider: 'google',
  key: (headers, query) => headerText(headers['x-goog-api-key']) ?? query.get('key') ?? undefined,
  parse,
  body: bodyOf,
  stream: streamOf,
  error: (failure) => ({ status: errors[failure.kind][0], body: errorBody(failure) }),
  errorEvent: (failure, _requestId, wordy) => event(errorBody(failure, wordy)),
  ping: undefined,
  unknownEvents: [event({ responseId: 'novel', novelMetadata: { kind: 'novel' } })],
};
