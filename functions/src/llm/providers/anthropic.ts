// Anthropic's Messages API through its SDK.
import type Anthropic from '@anthropic-ai/sdk';
import { z } from 'zod';
import { ProviderFailure, type FailureKind } from '../failures.ts';
import type { LlmRequest } from '../schemas.ts';
import { anthropicUsage } from '../token-buckets.ts';
import { isClosed } from './json-schema.ts';
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
  type WatchedCall,
} from './provider.ts';

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
      sdk: new Sdk({ ...sdkOptions, apiKey, ...(baseUrl !== undefined && { baseURL: baseUrl }) }),
      convertSchema: transformJSONSchema,
    };
  },

  ask: async (client, call) => {
    const { model, request, signal, limits, fetch } = call;
    const { data, request_id: requestId } = await client.sdk
      .withOptions({ fetch })
      .messages.create(
        {
          model,
          max_tokens: call.maxOutputTokens,
          system: request.system,
          messages: request.messages.map(({ role, text }) => ({ role, content: text })),
          // The price list has the standard tier only.
          service_tier: 'standard_only',
          stream: true,
          ...thinking(call),
          ...output(client, call),
        },
        { signal, timeout: limits.overallMs },
      )
      .withResponse();
    return read(data, requestId ?? null, call.begun);
  },

  explain: readSdkError,
};

/** Effort scales all of the output. A model that does not think unless it is asked to is asked; one that always does refuses the question. */
const thinking = ({ thinking: control }: WatchedCall) =>
  control === 'adaptive' ? { thinking: { type: 'adaptive' as const } } : {};

const effort = ({ thinking: control, request }: WatchedCall) => (control === 'none' ? {} : { effort: request.effort });

/**
 * A closed schema is enforced as the output format; an open one is what a tool takes. The newest models refuse to be made to call a tool,
 * so it is offered, and the instructions name it.
 */
const output = (client: Client, call: WatchedCall) => {
  const { name, schema } = call.request.output;
  if (isClosed(schema)) {
    const format = { type: 'json_schema' as const, schema: client.convertSchema(schema) };
    return { output_config: { ...effort(call), format } };
  }
  return {
    system: `${call.request.system}\n\nAnswer by calling the tool ${name}, once, and write nothing else.`,
    tools: [{ name, input_schema: { ...schema, type: 'object' as const } }],
    tool_choice: { type: 'auto' as const, disable_parallel_tool_use: true },
    output_config: effort(call),
  };
};

const usageSchema = z.object({ usage: anthropicUsage });

const eventSchema = z.object({
  type: z.string(),
  message: z.object({ usage: z.record(z.string(), z.unknown()).nullish() }).optional(),
  usage: z.record(z.string(), z.unknown()).nullish(),
  content_block: z.object({ type: z.string(), text: z.string().optional() }).optional(),
  delta: z
    .object({
      type: z.string().optional(),
      text: z.string().optional(),
      partial_json: z.string().optional(),
      stop_reason: z.string().nullish(),
    })
    .optional(),
});

const failedStops: Readonly<Record<string, FailureKind>> = {
  model_context_window_exceeded: 'context_length',
  refusal: 'refused',
  pause_turn: 'paused',
};

type Piece = NonNullable<z.output<typeof eventSchema>['delta' | 'content_block']>;

const textIn = (piece: (Piece & { readonly partial_json?: string | undefined }) | undefined): string => {
  if (piece?.type === 'text' || piece?.type === 'text_delta') return piece.text ?? '';
  return piece?.type === 'input_json_delta' ? (piece.partial_json ?? '') : '';
};

/** What the events said until now. Usage is cumulative: a later count replaces an earlier one, and a count that is null says nothing. */
class Message {
  text = '';
  stopReason: string | null = null;
  ended = false;
  usage: Record<string, unknown> = {};

  add(event: z.output<typeof eventSchema>): void {
    const { type, message, usage, content_block: block, delta } = event;
    const counts = Object.entries({ ...message?.usage, ...usage }).filter(([, count]) => count !== null);
    this.usage = { ...this.usage, ...Object.fromEntries(counts) };
    this.text += textIn(block) + textIn(delta);
    this.stopReason = delta?.stop_reason ?? this.stopReason;
    if (type === 'message_stop') this.ended = true;
  }
}

const read = async (events: AsyncIterable<unknown>, providerRequestId: string | null, begun: () => void) => {
  const message = new Message();
  for await (const event of events) {
    const part = readPart(eventSchema, event, { providerRequestId });
    if (part.type === 'content_block_start') begun();
    message.add(part);
  }
  if (!message.ended) throw cut(providerRequestId);
  return judge(message, providerRequestId);
};

const judge = (message: Message, providerRequestId: string | null) => {
  const { usage } = readPart(usageSchema, message, { providerRequestId });
  const known = { usage, providerRequestId };
  const { stopReason: stop, text } = message;
  if (stop === 'max_tokens') throw new ProviderFailure(truncated(text), known);
  if (stop !== 'end_turn' && stop !== 'tool_use' && stop !== 'stop_sequence') {
    throw new ProviderFailure(failedStops[stop ?? ''] ?? 'malformed', known);
  }
  return complete(text, known);
};

export const anthropic = (credentials: Credentials) => makeProvider(adapter, credentials);
