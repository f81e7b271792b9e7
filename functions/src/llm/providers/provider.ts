// The port to a provider: one request, one answer or one `ProviderFailure`; three implementations beside it. An adapter makes exactly one
// HTTP request per call and reads its answer as a stream: silence is then told from slowness, and a long answer is not cut off on the way.
// It never returns as a success what is truncated or refused, nor what ended without its provider's own word for the end.
import { z } from 'zod';
import { lazy } from '../../platform/lazy.ts';
import {
  ProviderFailure,
  reportedKind,
  transportKind,
  type CallFacts,
  type ErrorFacts,
  type FailureKind,
} from '../failures.ts';
import type { ThinkingControl } from '../models.ts';
import { retryAfterMs } from '../retry-after.ts';
import type { LlmRequest, TokenUsage } from '../schemas.ts';
import { watchCall, type CallLimits, type CallWatch } from './call-watch.ts';

export interface Credentials {
  readonly apiKey: string;
  /** Where the provider's API is; by default the SDK's own choice. */
  readonly baseUrl?: string | undefined;
}

export interface ProviderCall {
  readonly model: string;
  readonly request: LlmRequest;
  /** For the answer and the thinking before it. */
  readonly maxOutputTokens: number;
  readonly thinking: ThinkingControl;
  /** The caller's wish to stop. */
  readonly signal: AbortSignal;
  readonly limits: CallLimits;
}

/** What an adapter asks with: the call, stopped by whatever ends it, and the `fetch` that its clocks listen to. */
export interface WatchedCall extends ProviderCall {
  readonly fetch: typeof fetch;
  /** To be called when the answer itself begins: from then on it may be billed. */
  readonly begun: () => void;
}

export interface ProviderAnswer extends CallFacts {
  readonly text: string;
  readonly usage: TokenUsage;
}

/** Asks the provider once. Throws `ProviderFailure` only. */
export type Provider = (call: ProviderCall) => Promise<ProviderAnswer>;

/** What one provider does in its own way. */
export interface Adapter<Client> {
  /** Loads the SDK and makes its client: on the first call, as a cold start does not need it. */
  readonly connect: (credentials: Credentials) => Promise<Client>;
  /** Reads the stream to its terminal event. Throws a `connection` failure when it ends without one. */
  readonly ask: (client: Client, call: WatchedCall) => Promise<ProviderAnswer>;
  /** What an error that `ask` threw says. */
  readonly explain: (error: unknown) => ErrorFacts;
}

/** A provider from its adapter; all calls share one client. */
export const makeProvider = <Client>(adapter: Adapter<Client>, credentials: Credentials): Provider => {
  const client = lazy(() => adapter.connect(credentials));
  return async (call) => {
    using watch = watchCall(call.limits, call.signal);
    let begun = false;
    const onBegun = () => {
      begun = true;
    };
    try {
      const { signal, fetch } = watch;
      const sdk = await client();
      signal.throwIfAborted();
      return await adapter.ask(sdk, { ...call, signal, fetch, begun: onBegun });
    } catch (error) {
      throw failureOf(error, { watch, begun, explain: adapter.explain });
    }
  };
};

interface Circumstances {
  readonly watch: CallWatch;
  readonly begun: boolean;
  readonly explain: Adapter<unknown>['explain'];
}

/** An aborted stream ends in silence in some SDKs, as if the provider had cut it: what stopped it from this side comes first. */
const failureOf = (error: unknown, { watch, begun, explain }: Circumstances): ProviderFailure => {
  const known = error instanceof ProviderFailure ? error : undefined;
  if (known && known.kind !== 'connection') return begun ? withBegun(known) : known;
  const stopped = watch.stoppedBy();
  if (stopped) return new ProviderFailure(stopped, { cause: error, begun });
  if (isOtherThanAStream(watch.head())) return new ProviderFailure('malformed', { cause: error });
  if (known) return withBegun(known);
  const facts = explain(error);
  const { providerRequestId, retryAfterMs } = facts;
  const kind = reportedKind(facts);
  if (kind) return new ProviderFailure(kind, { providerRequestId, retryAfterMs, begun, cause: error });
  // What breaks off a stream that the provider had accepted may well be billed, whether or not its answer was seen to begin.
  const accepted = watch.head()?.ok ?? false;
  return new ProviderFailure(transportKind(error), { providerRequestId, begun: accepted, cause: error });
};

const withBegun = ({ kind, usage, providerRequestId, retryAfterMs, cause }: ProviderFailure) =>
  new ProviderFailure(kind, { usage, providerRequestId, retryAfterMs, cause, begun: true });

/** A page of a proxy, or the answer of a server that does not stream. */
const isOtherThanAStream = (head: Response | undefined): boolean =>
  head !== undefined && head.ok && !/^text\/event-stream/i.test(head.headers.get('content-type') ?? '');

/** Parses a part of the provider's answer. Throws a `malformed` failure that keeps what is known of the call. */
export const readPart = <S extends z.ZodType>(schema: S, body: unknown, known: Partial<CallFacts>): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ProviderFailure('malformed', { ...known, cause: parsed.error });
};

/** The stream ended without its provider's word for the end. What it said of usage until then is not all. */
export const cut = (providerRequestId: string | null): ProviderFailure =>
  new ProviderFailure('connection', { providerRequestId });

/** `thought_only` when the limit left no room for a single word of the answer. */
export const truncated = (text: string): FailureKind => (text === '' ? 'thought_only' : 'truncated');

/** A complete answer. Throws a `malformed` failure when it is empty, or says nothing of usage: then it could not be billed. */
export const complete = (text: string, { usage, providerRequestId }: CallFacts): ProviderAnswer => {
  if (usage !== null && text !== '') return { text, usage, providerRequestId };
  throw new ProviderFailure('malformed', { usage, providerRequestId });
};

/** Ours is the only retry layer; and the SDKs would log what they cannot parse, which is somebody's text. */
export const sdkOptions = { maxRetries: 0, logLevel: 'off' } as const;

/** The headers of an answer, on an error that has them. Told by shape: the class may come from another realm. */
export const responseHeaders = z
  .custom<Headers>((value) => typeof (value as Headers | undefined)?.get === 'function')
  .optional()
  .catch(undefined);

const errorOfSdk = z.object({
  status: z.number().optional().catch(undefined),
  code: z.string().nullish().catch(null),
  errorCode: z.string().nullish().catch(null),
  type: z.string().nullish().catch(null),
  message: z.string().catch(''),
  requestID: z.string().nullish().catch(null),
  headers: responseHeaders,
});

/** Reads an error of the Anthropic and OpenAI SDKs, which share their shape. */
export const readSdkError = (error: unknown): ErrorFacts => {
  const { status, code, errorCode, type, message, requestID, headers } = errorOfSdk.parse(error);
  return {
    status,
    codes: [errorCode, code, type].filter((value) => typeof value === 'string'),
    message,
    providerRequestId: requestID ?? null,
    retryAfterMs: headers && retryAfterMs(headers),
  };
};
