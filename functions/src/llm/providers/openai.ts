// OpenAI's Responses API through its SDK.
import type OpenAI from 'openai';
import { z } from 'zod';
import { ProviderFailure, reportedKind, type CallFacts, type FailureKind } from '../failures.ts';
import { openaiUsage } from '../token-buckets.ts';
import { isStrict } from './json-schema.ts';
import { complete, makeProvider, readPart, readSdkError, type Adapter, type Credentials } from './provider.ts';

const adapter: Adapter<OpenAI> = {
  connect: async ({ apiKey, baseUrl }) => {
    const { OpenAI: Sdk } = await import('openai');
    return new Sdk({ apiKey, maxRetries: 0, ...(baseUrl !== undefined && { baseURL: baseUrl }) });
  },

  ask: async (client, { model, request, signal, timeoutMs }) => {
    const { name, schema } = request.output;
    const response = await client.responses.create(
      {
        model,
        instructions: request.system,
        input: request.messages.map(({ role, text }) => ({ role, content: text })),
        max_output_tokens: request.maxOutputTokens,
        text: { format: { type: 'json_schema', name, schema, strict: isStrict(schema) } },
        // The price list has the standard tier only.
        service_tier: 'default',
        store: false,
      },
      { signal, timeout: timeoutMs },
    );
    return read(response, response._request_id ?? null);
  },

  explain: readSdkError,
};

const usageSchema = z.object({ usage: openaiUsage.nullish() });

const bodySchema = z.object({
  status: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(
    z.object({
      type: z.string(),
      content: z.array(z.object({ type: z.string(), text: z.string().optional() })).nullish(),
    }),
  ),
});

type Body = z.infer<typeof bodySchema>;

const read = (body: unknown, providerRequestId: string | null) => {
  const { usage = null } = readPart(usageSchema, body, { providerRequestId });
  const known: CallFacts = { usage, providerRequestId };
  const response = readPart(bodySchema, body, known);
  const parts = response.output.flatMap((item) => (item.type === 'message' ? (item.content ?? []) : []));
  const failure = failureIn(response) ?? (parts.some(({ type }) => type === 'refusal') ? 'refused' : undefined);
  if (failure) throw new ProviderFailure(failure, known);
  const texts = parts.map(({ type, text }) => (type === 'output_text' ? (text ?? '') : ''));
  return complete(texts.join(''), known);
};

const incompleteReasons: Readonly<Record<string, FailureKind>> = {
  max_output_tokens: 'truncated',
  content_filter: 'refused',
};

const failureIn = ({ status, error, incomplete_details: incomplete }: Body): FailureKind | undefined => {
  if (status === 'completed') return undefined;
  if (error) {
    return reportedKind({ codes: [error.code], message: error.message, providerRequestId: null }) ?? 'server_error';
  }
  return incompleteReasons[incomplete?.reason ?? ''] ?? 'malformed';
};

export const openai = (credentials: Credentials) => makeProvider(adapter, credentials);
