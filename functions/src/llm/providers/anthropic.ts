// Anthropic's Messages API through its SDK.
import type Anthropic from '@anthropic-ai/sdk';
import { z } from 'zod';
import { ProviderFailure, type FailureKind } from '../failures.ts';
import type { LlmRequest } from '../schemas.ts';
import { anthropicUsage } from '../token-buckets.ts';
import { isClosed } from './json-schema.ts';
import { complete, makeProvider, readPart, readSdkError, type Adapter, type Credentials } from './provider.ts';

interface Client {
  readonly sdk: Anthropic;
  /** The SDK's own conversion of a schema to the keywords that the API takes. */
  readonly convertSchema: (schema: LlmRequest['output']['schema']) => Record<string, unknown>;
}

const adapter: Adapter<Client> = {
  connect: async ({ apiKey, baseUrl }) => {
    const [{ default: Sdk }, { transformJSONSchema }] = await Promise.all([
      import('@anthropic-ai/sdk'),
      import('@anthropic-ai/sdk/lib/transform-json-schema'),
    ]);
    return {
      sdk: new Sdk({ apiKey, maxRetries: 0, ...(baseUrl !== undefined && { baseURL: baseUrl }) }),
      convertSchema: transformJSONSchema,
    };
  },

  ask: async (client, { model, request, signal, timeoutMs }) => {
    const message = await client.sdk.messages.create(
      {
        model,
        max_tokens: request.maxOutputTokens,
        system: request.system,
        messages: request.messages.map(({ role, text }) => ({ role, content: text })),
        // The price list has the standard tier only.
        service_tier: 'standard_only',
        ...output(client, request.output),
      },
      { signal, timeout: timeoutMs },
    );
    return read(message, message._request_id ?? null);
  },

  explain: readSdkError,
};

/** A closed schema is enforced as the output format; an open one is what a tool takes, which the model then has to call. */
const output = (client: Client, { name, schema }: LlmRequest['output']) =>
  isClosed(schema)
    ? { output_config: { format: { type: 'json_schema' as const, schema: client.convertSchema(schema) } } }
    : {
        tools: [{ name, input_schema: { ...schema, type: 'object' as const } }],
        tool_choice: { type: 'tool' as const, name },
      };

const usageSchema = z.object({ usage: anthropicUsage });

const bodySchema = z.object({
  stop_reason: z.string(),
  content: z.array(z.object({ type: z.string(), text: z.string().optional(), input: z.unknown().optional() })),
});

type Block = z.infer<typeof bodySchema>['content'][number];

const failedStops: Readonly<Record<string, FailureKind>> = {
  max_tokens: 'truncated',
  model_context_window_exceeded: 'context_length',
  refusal: 'refused',
};

const read = (body: unknown, providerRequestId: string | null) => {
  const { usage } = readPart(usageSchema, body, { providerRequestId });
  const known = { usage, providerRequestId };
  const { stop_reason: stop, content } = readPart(bodySchema, body, known);
  if (stop !== 'end_turn' && stop !== 'tool_use') throw new ProviderFailure(failedStops[stop] ?? 'malformed', known);
  return complete(content.map(textOf).join(''), known);
};

const textOf = ({ type, text, input }: Block) => {
  if (type === 'tool_use') return JSON.stringify(input);
  return type === 'text' ? (text ?? '') : '';
};

export const anthropic = (credentials: Credentials) => makeProvider(adapter, credentials);
