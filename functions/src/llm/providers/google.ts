// Google's Gemini API (generateContent) through its SDK.
import type { GoogleGenAI } from '@google/genai';
import { z } from 'zod';
import { ProviderFailure, type CallFacts, type FailureKind } from '../failures.ts';
import { durationMs, retryAfterMs } from '../retry-after.ts';
import type { LlmRequest } from '../schemas.ts';
import { googleUsage } from '../token-buckets.ts';
import { complete, makeProvider, readPart, responseHeaders, type Adapter, type Credentials } from './provider.ts';

const adapter: Adapter<GoogleGenAI> = {
  connect: async ({ apiKey, baseUrl }) => {
    const { GoogleGenAI: Sdk } = await import('@google/genai');
    // Without `retryOptions` the SDK sends once. The environment must not turn the client into one of Vertex AI.
    return new Sdk({ apiKey, vertexai: false, ...(baseUrl !== undefined && { httpOptions: { baseUrl } }) });
  },

  ask: async (client, { model, request, signal }) => {
    const seen: { headers?: Headers } = {};
    try {
      const response = await client.models.generateContent({
        model,
        contents: request.messages.map(content),
        config: { ...config(request), abortSignal: signal, httpOptions: { fetch: keepingHeaders(seen) } },
      });
      return read(response);
    } catch (error) {
      throw seen.headers && !(error instanceof ProviderFailure)
        ? Object.assign(error as object, { headers: seen.headers })
        : error;
    }
  },

  explain: (error) => {
    const { status, message, headers } = sdkError.parse(error);
    const report = status === undefined ? undefined : reportSchema.safeParse(parsedOrNull(message)).data?.error;
    const details = report?.details ?? [];
    return {
      status,
      codes: details.flatMap(({ reason }) => reason ?? []),
      message: report?.message ?? message,
      providerRequestId: null,
      retryAfterMs: (headers && retryAfterMs(headers)) ?? delayIn(details),
    };
  },
};

/** The SDK's errors drop the answer's headers, and `Retry-After` with them. */
const keepingHeaders =
  (seen: { headers?: Headers }): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    seen.headers = response.headers;
    return response;
  };

const content = ({ role, text }: LlmRequest['messages'][number]) => ({
  role: role === 'assistant' ? 'model' : 'user',
  parts: [{ text }],
});

const config = ({ system, output, maxOutputTokens }: LlmRequest) => ({
  systemInstruction: system,
  maxOutputTokens,
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
  MAX_TOKENS: 'truncated',
  CONTINUATION: 'truncated',
  SAFETY: 'refused',
  RECITATION: 'refused',
  BLOCKLIST: 'refused',
  PROHIBITED_CONTENT: 'refused',
  SPII: 'refused',
};

const idSchema = z.object({ responseId: z.string().nullable().catch(null) });
const usageSchema = z.object({ usageMetadata: googleUsage.nullish() });

const read = (body: unknown) => {
  const { responseId: providerRequestId } = readPart(idSchema, body, {});
  const { usageMetadata: usage = null } = readPart(usageSchema, body, { providerRequestId });
  const known: CallFacts = { usage, providerRequestId };
  const { promptFeedback, candidates = [] } = readPart(bodySchema, body, known);
  if (promptFeedback?.blockReason !== undefined) throw new ProviderFailure('refused', known);
  const finish = candidates[0]?.finishReason ?? '';
  if (finish !== 'STOP') throw new ProviderFailure(failedFinishes[finish] ?? 'malformed', known);
  const parts = candidates[0]?.content?.parts ?? [];
  return complete(parts.map(({ text = '', thought }) => (thought ? '' : text)).join(''), known);
};

const sdkError = z.object({
  status: z.number().optional().catch(undefined),
  message: z.string().catch(''),
  headers: responseHeaders,
});

/** google.rpc.Status in JSON, which the SDK puts into the message of its error. */
const reportSchema = z.object({
  error: z.object({
    message: z.string(),
    details: z.array(z.object({ reason: z.string().optional(), retryDelay: z.string().optional() })).optional(),
  }),
});

const delayIn = (details: readonly { readonly retryDelay?: string | undefined }[]) => {
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
