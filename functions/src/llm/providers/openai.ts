// OpenAI's Responses API through its SDK.
import type OpenAI from 'openai';
import { z } from 'zod';
import { ProviderFailure, reportedKind, type CallFacts, type FailureKind } from '../failures.ts';
import { openaiUsage } from '../token-buckets.ts';
import { isStrict } from './json-schema.ts';
import {
  complete,
  cut,
  makeProvider,
  readPart,
  readSdkError,
  sdkOptions,
  truncated,
  type Adapter,
  type Credentials,
} from './provider.ts';

const adapter: Adapter<OpenAI> = {
  connect: async ({ apiKey, baseUrl }) => {
    const { OpenAI: Sdk } = await import('openai');
    return new Sdk({ ...sdkOptions, apiKey, ...(baseUrl !== undefined && { baseURL: baseUrl }) });
  },

  ask: async (client, { model, request, maxOutputTokens, signal, limits, fetch, begun }) => {
    const { name, schema } = request.output;
    const { data, request_id: requestId } = await client
      .withOptions({ fetch })
      .responses.create(
        {
          model,
          instructions: request.system,
          input: request.messages.map(({ role, text }) => ({ role, content: text })),
          max_output_tokens: maxOutputTokens,
          reasoning: { effort: request.effort },
          text: { format: { type: 'json_schema', name, schema, strict: isStrict(schema) } },
          // The price list has the standard tier only.
          service_tier: 'default',
          store: false,
          stream: true,
          // The padding of each event would be read for nothing.
          stream_options: { include_obfuscation: false },
        },
        { signal, timeout: limits.overallMs },
      )
      .withResponse();
    return read(data, requestId ?? null, begun);
  },

  explain: readSdkError,
};

const eventSchema = z.object({
  type: z.string(),
  response: z.unknown().optional(),
  code: z.string().nullish(),
  message: z.string().nullish(),
});
type Event = z.output<typeof eventSchema>;

/** Exactly one of them ends a stream. */
const terminalEvents: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

const read = async (events: AsyncIterable<unknown>, providerRequestId: string | null, begun: () => void) => {
  for await (const each of events) {
    const event = readPart(eventSchema, each, { providerRequestId });
    if (event.type === 'response.output_item.added') begun();
    if (event.type === 'error') throw errorFrame(event, providerRequestId);
    if (terminalEvents.has(event.type)) return readResponse(event.response, providerRequestId);
  }
  throw cut(providerRequestId);
};

const errorFrame = ({ code, message }: Event, providerRequestId: string | null) => {
  const facts = { codes: code ? [code] : [], message: message ?? '', providerRequestId };
  return new ProviderFailure(reportedKind(facts) ?? 'server_error', { providerRequestId });
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

const readResponse = (body: unknown, providerRequestId: string | null) => {
  const { usage = null } = readPart(usageSchema, body, { providerRequestId });
  const known: CallFacts = { usage, providerRequestId };
  const response = readPart(bodySchema, body, known);
  const parts = response.output.flatMap((item) => (item.type === 'message' ? (item.content ?? []) : []));
  const text = parts.map((part) => (part.type === 'output_text' ? (part.text ?? '') : '')).join('');
  const failure = failureIn(response, text) ?? (parts.some(({ type }) => type === 'refusal') ? 'refused' : undefined);
  if (failure) throw new ProviderFailure(failure, known);
  return complete(text, known);
};

const failureIn = ({ status, error, incomplete_details: incomplete }: Body, text: string): FailureKind | undefined => {
  if (status === 'completed') return undefined;
  if (error) {
    return reportedKind({ codes: [error.code], message: error.message, providerRequestId: null }) ?? 'server_error';
  }
  if (incomplete?.reason === 'max_output_tokens') return truncated(text);
  return incomplete?.reason === 'content_filter' ? 'refused' : 'malformed';
};

export const openai = (credentials: Credentials) => makeProvider(adapter, credentials);
