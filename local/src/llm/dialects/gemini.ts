// The Gemini API of Google: `models/{model}:generateContent` and `:streamGenerateContent?alt=sse`.
import { z } from 'zod';
import { type Answer, piecesOf, toolArguments } from '../answer.ts';
import { anyObject, chooseOutput, implicitPrefix, type OutputRequest, type Prompt, type Turn } from '../prompt.ts';
import { totalInput } from '../usage.ts';
import { type Dialect, event, type Failure, headerText, STREAM_PIECES } from './dialect.ts';

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
      thinkingConfig: z.looseObject({ thinkingBudget: z.int().optional() }).optional(),
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
    reasoning: body.generationConfig?.thinkingConfig?.thinkingBudget !== 0,
    maxOutputTokens: body.generationConfig?.maxOutputTokens,
    reportsUsage: true,
    prefix: implicitPrefix(system, tools, turns),
  };
};

const finishReason = ({ finish }: Answer) => {
  if (finish === 'filtered') return 'SAFETY';
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

const responseOf = (prompt: Prompt, answer: Answer, candidate: object) => ({
  candidates: [{ index: 0, ...candidate }],
  modelVersion: prompt.model,
  responseId: answer.id,
});

const contentOf = (answer: Answer, text: string) => ({ role: 'model', parts: partsOf(answer, text) });

const bodyOf = (prompt: Prompt, answer: Answer) => ({
  ...responseOf(prompt, answer, { content: contentOf(answer, answer.text), finishReason: finishReason(answer) }),
  usageMetadata: usageOf(answer),
});

/** Counts grow from chunk to chunk; a tool call comes in one piece. The last chunk of all says why it ended. */
const streamOf = (prompt: Prompt, answer: Answer) => {
  const pieces = answer.tool === undefined ? piecesOf(answer.text, STREAM_PIECES) : [answer.text];
  const soFar = (index: number) => Math.floor((answer.usage.outputVisible * (index + 1)) / (pieces.length + 1));
  return {
    opening: [],
    content: pieces.map((piece, index) =>
      event({
        ...responseOf(prompt, answer, { content: contentOf(answer, piece) }),
        usageMetadata: usageOf(answer, soFar(index)),
      }),
    ),
    closing: [
      event({
        ...responseOf(prompt, answer, {
          content: { role: 'model', parts: [{ text: '' }] },
          finishReason: finishReason(answer),
        }),
        usageMetadata: usageOf(answer),
      }),
    ],
  };
};

const errors = {
  unauthenticated: [401, 'UNAUTHENTICATED'],
  invalid: [400, 'INVALID_ARGUMENT'],
  'not-found': [404, 'NOT_FOUND'],
  'too-large': [413, 'INVALID_ARGUMENT'],
  'context-length': [400, 'INVALID_ARGUMENT'],
  'rate-limited': [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
  internal: [500, 'INTERNAL'],
} as const;

const errorBody = ({ kind, message }: Failure) => {
  const [code, status] = errors[kind];
  return { error: { code, message, status } };
};

export const gemini: Dialect = {
  provider: 'google',
  key: (headers, query) => headerText(headers['x-goog-api-key']) ?? query.get('key') ?? undefined,
  parse,
  body: bodyOf,
  stream: streamOf,
  error: (failure) => ({ status: errors[failure.kind][0], body: errorBody(failure) }),
  errorEvent: (failure) => event(errorBody(failure)),
};
