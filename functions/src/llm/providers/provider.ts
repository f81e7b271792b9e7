// The port to a provider: one request, one answer or one `ProviderFailure`; three implementations beside it. An adapter makes
// exactly one HTTP request per call, does not stream, and never returns a truncated or refused answer as a success.
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
import { retryAfterMs } from '../retry-after.ts';
import type { LlmRequest, TokenUsage } from '../schemas.ts';

export interface Credentials {
  readonly apiKey: string;
  /** Where the provider's API is; by default the SDK's own choice. */
  readonly baseUrl?: string | undefined;
}

export interface ProviderCall {
  readonly model: string;
  readonly request: LlmRequest;
  /** The caller's wish to stop. */
  readonly signal: AbortSignal;
  /** For the whole call, up to the last byte of the answer. */
  readonly timeoutMs: number;
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
  readonly ask: (client: Client, call: ProviderCall) => Promise<ProviderAnswer>;
  /** What an error that `ask` threw says. */
  readonly explain: (error: unknown) => ErrorFacts;
}

/** A provider from its adapter; all calls share one client. */
export const makeProvider = <Client>(adapter: Adapter<Client>, credentials: Credentials): Provider => {
  const client = lazy(() => adapter.connect(credentials));
  return async (call) => {
    // The SDKs' own timeouts end with the headers of the answer; this one covers its body too.
    const timer = AbortSignal.timeout(call.timeoutMs);
    const signal = AbortSignal.any([call.signal, timer]);
    try {
      return await adapter.ask(await client(), { ...call, signal });
    } catch (error) {
      if (error instanceof ProviderFailure) throw error;
      const kind = stoppedBy(call.signal, timer);
      throw kind ? new ProviderFailure(kind, { cause: error }) : failureOf(adapter.explain(error), error);
    }
  };
};

const stoppedBy = (caller: AbortSignal, timer: AbortSignal): FailureKind | undefined => {
  if (caller.aborted) return 'aborted';
  return timer.aborted ? 'timeout' : undefined;
};

const failureOf = (facts: ErrorFacts, cause: unknown): ProviderFailure =>
  new ProviderFailure(reportedKind(facts) ?? transportKind(cause), {
    providerRequestId: facts.providerRequestId,
    retryAfterMs: facts.retryAfterMs,
    cause,
  });

/** Parses a part of the provider's answer. Throws a `malformed` failure that keeps what is known of the call. */
export const readPart = <S extends z.ZodType>(schema: S, body: unknown, known: Partial<CallFacts>): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ProviderFailure('malformed', { ...known, cause: parsed.error });
};

/** A complete answer. Throws a `malformed` failure when it is empty, or says nothing of usage: then it could not be billed. */
export const complete = (text: string, { usage, providerRequestId }: CallFacts): ProviderAnswer => {
  if (usage !== null && text !== '') return { text, usage, providerRequestId };
  throw new ProviderFailure('malformed', { usage, providerRequestId });
};

/** The headers of an answer, on an error that has them. Told by shape: the class may come from another realm. */
export const responseHeaders = z
  .custom<Headers>((value) => typeof (value as Headers | undefined)?.get === 'function')
  .optional()
  .catch(undefined);

const errorOfSdk = z.object({
  status: z.number().optional().catch(undefined),
  code: z.string().nullish().catch(null),
  type: z.string().nullish().catch(null),
  message: z.string().catch(''),
  requestID: z.string().nullish().catch(null),
  headers: responseHeaders,
});

/** Reads an error of the Anthropic and OpenAI SDKs, which share their shape. */
export const readSdkError = (error: unknown): ErrorFacts => {
  const { status, code, type, message, requestID, headers } = errorOfSdk.parse(error);
  return {
    status,
    codes: [code, type].filter((value) => typeof value === 'string'),
    message,
    providerRequestId: requestID ?? null,
    retryAfterMs: headers && retryAfterMs(headers),
  };
};
