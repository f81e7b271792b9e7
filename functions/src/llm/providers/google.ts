// Google's Gemini API (streamGenerateContent) through its SDK.
import type { GoogleGenAI, ThinkingLevel } from '@google/genai';
import { z } from 'zod';
import { ProviderFailure, type CallFacts, type FailureKind } from '../failures.ts';
import { durationMs, retryAfterMs } from '../retry-after.ts';
import type { Effort, LlmRequest } from '../schemas.ts';
import { googleUsage } from '../token-buckets.ts';
import {
  complete,
  cut,
  makeProvider,
  readPart,
  responseHeaders,
  truncated,
  type Adapter,
  type Credentials,
  type WatchedCall,
} from './provider.ts';

interface Client {
  readonly sdk: GoogleGenAI;
  /** The SDK's own words, which are loaded with it. */
  readonly levels: Readonly<Record<Effort, ThinkingLevel>>;
}

const adapter: Adapter<Client> = {
  connect: async ({ apiKey, baseUrl }) => {
    const { GoogleGenAI: Sdk, ThinkingLevel: level } = await import('@google/genai');
    // Without `retryOptions` the SDK sends once. The environment must not turn the client into one of Vertex AI.
    const sdk = new Sdk({ apiKey, vertexai: false, ...(baseUrl !== undefined && { httpOptions: { baseUrl } }) });
    return { sdk, levels: { low: level.LOW, medium: level.MEDIUM, high: level.HIGH } };
  },

  ask: async ({ sdk, levels }, call) => {
    const { model, request, signal, fetch, begun } = call;
    const seen: { headers?: Headers } = {};
    try {
      const chunks = await sdk.models.generateContentStream({
        model,
        contents: request.messages.map(content),
        config: { ...config(call, levels), abortSignal: signal, httpOptions: { fetch: keepingHeaders(fetch, seen) } },
      });
      return await read(chunks, begun);
    } catch (error) {
      throw seen.headers && !(error instanceof ProviderFailure)
        ? Object.assign(error as object, { headers: seen.headers })
        : error;
    }
  },

  explain: (error) => {
    const { status, message, headers } = sdkError.parse(error);
    const report =
      status === undefined
        ? undefined
        : reportSchema.safeParse(parsedOrNull(message.slice(message.indexOf('{')))).data?.error;
    const details = report?.details ?? [];
    return {
      status,
      codes: [...details.flatMap(({ reason }) => reason ?? []), ...(report?.status ? [report.status] : [])],
      message: [report?.message ?? message, ...quotasIn(details)].join(' '),
      providerRequestId: null,
      retryAfterMs: (headers && retryAfterMs(headers)) ?? delayIn(details),
    };
  },
};

/** The SDK's errors drop the answer's headers, and `Retry-After` with them. */
const keepingHeaders =
  (inner: typeof fetch, seen: { headers?: Headers }): typeof fetch =>
  async (input, init) => {
    const response = await inner(input, init);
    seen.headers = response.headers;
    return response;
  };

const content = ({ role, text }: LlmRequest['messages'][number]) => ({
  role: role === 'assistant' ? 'model' : 'user',
  parts: [{ text }],
});

const config = ({ request: { system, output, effort }, maxOutputTokens }: WatchedCall, levels: Client['levels']) => ({
  systemInstruction: system,
  maxOutputTokens,
  // Its thoughts are not read. They keep the stream alive while the model thinks, and are billed either way.
  thinkingConfig: { thinkingLevel: levels[effort], includeThoughts: true },
  responseMimeType: 'application/json',
  responseJsonSchema: output.schema,
  // Several requests behind one call would hide their costs from the record of the call.
  automaticContinuation: false,
});

const bodySchema = z.object({
  promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
  candidates: z
    .array(
      z.object({
        finishReason: z.string().optional(),
        content: z
          .object({
            parts: z.array(z.object({ text: z.string().optional(), thought: z.boolean().optional() })).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

const failedFinishes: Readonly<Record<string, FailureKind>> = {
  CONTINUATION: 'truncated',
  SAFETY: 'refused',
  RECITATION: 'refused',
  BLOCKLIST: 'refused',
  PROHIBITED_CONTENT: 'refused',
  SPII: 'refused',
};

const chunkSchema = bodySchema.extend({
  responseId: z.string().nullish().catch(null),
  usageMetadata: z.unknown().optional(),
});
type Chunk = z.output<typeof chunkSchema>;

const usageSchema = z.object({ usageMetadata: googleUsage.nullish() });

/** What the chunks said until now; counts are running totals, of which the last one counts. */
interface Answer {
  text: string;
  finish: string | undefined;
  blocked: boolean;
  usageMetadata: unknown;
  providerRequestId: string | null;
}

const read = async (chunks: AsyncIterable<unknown>, begun: () => void) => {
  const answer: Answer = { text: '', finish: undefined, blocked: false, usageMetadata: null, providerRequestId: null };
  for await (const each of chunks) {
    const chunk = readPart(chunkSchema, each, { providerRequestId: answer.providerRequestId });
    if (chunk.candidates) begun();
    add(answer, chunk);
  }
  return judge(answer);
};

const add = (answer: Answer, { promptFeedback, candidates: [candidate] = [], ...chunk }: Chunk) => {
  answer.providerRequestId = chunk.responseId ?? answer.providerRequestId;
  answer.usageMetadata = chunk.usageMetadata ?? answer.usageMetadata;
  answer.blocked ||= promptFeedback?.blockReason !== undefined;
  answer.finish = candidate?.finishReason ?? answer.finish;
  const parts = candidate?.content?.parts ?? [];
  answer.text += parts.map(({ text = '', thought }) => (thought ? '' : text)).join('');
};

/**
 * A stream has no terminal event: a reason to finish, or to block the prompt, is the end. An error in its middle whose code is no number is
 * dropped by the SDK, so that it looks like a cut.
 */
const judge = ({ usageMetadata, providerRequestId, text, finish, blocked }: Answer) => {
  if (finish === undefined && !blocked) throw cut(providerRequestId);
  const { usageMetadata: usage = null } = readPart(usageSchema, { usageMetadata }, { providerRequestId });
  const known: CallFacts = { usage, providerRequestId };
  if (blocked) throw new ProviderFailure('refused', known);
  if (finish === 'MAX_TOKENS') throw new ProviderFailure(truncated(text), known);
  if (finish !== 'STOP') throw new ProviderFailure(failedFinishes[finish ?? ''] ?? 'malformed', known);
  return complete(text, known);
};

const sdkError = z.object({
  status: z.number().optional().catch(undefined),
  message: z.string().catch(''),
  headers: responseHeaders,
});

const detailSchema = z.object({
  reason: z.string().optional(),
  retryDelay: z.string().optional(),
  violations: z.array(z.object({ quotaId: z.string().optional() })).optional(),
});
type Detail = z.output<typeof detailSchema>;

/** google.rpc.Status in JSON, which the SDK puts into the message of its error, in the middle of a stream after words of its own. */
const reportSchema = z.object({
  error: z.object({
    message: z.string(),
    status: z.string().optional(),
    details: z.array(detailSchema).optional(),
  }),
});

/** Names such as GenerateRequestsPerDayPerProject: what is used up for the day comes back at midnight, whatever delay is named. */
const quotasIn = (details: readonly Detail[]): string[] =>
  details.flatMap(({ violations = [] }) => violations.map(({ quotaId }) => `quota ${quotaId ?? ''}`));

const delayIn = (details: readonly Detail[]) => {
  const delay = details.find(({ retryDelay }) => retryDelay !== undefined)?.retryDelay;
  return delay === undefined ? undefined : durationMs(delay);
};

const parsedOrNull = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export const google = (credentials: Credentials) => makeProvider(adapter, credentials);
