// Why a call to a provider failed, and what that means for the chain: pure. The providers report the same thing in many ways
// (status, a code in the body, the name of a network error deep in a chain of causes); here they become one kind.
import { z } from 'zod';
import type { callOutcome, TokenUsage } from './schemas.ts';

interface Handling {
  /** Whether another provider may succeed where this one failed. */
  readonly then: 'next' | 'stop';
  readonly outcome: Exclude<z.infer<typeof callOutcome>, 'ok'>;
}

const handling = {
  rate_limited: { then: 'next', outcome: 'error' },
  overloaded: { then: 'next', outcome: 'error' },
  server_error: { then: 'next', outcome: 'error' },
  // The provider may have finished, and billed, an answer that never arrived.
  timeout: { then: 'next', outcome: 'unknown' },
  connection: { then: 'next', outcome: 'unknown' },
  // No connection was made, so nothing was done.
  unreachable: { then: 'next', outcome: 'error' },
  unauthorized: { then: 'next', outcome: 'error' },
  model_not_found: { then: 'next', outcome: 'error' },
  // Another model may have a larger window.
  context_length: { then: 'next', outcome: 'error' },
  malformed: { then: 'next', outcome: 'error' },
  unexpected: { then: 'next', outcome: 'unknown' },
  bad_request: { then: 'stop', outcome: 'error' },
  // Shopping for a provider that answers what another one refused is not our decision.
  refused: { then: 'stop', outcome: 'error' },
  // The limit is the request's own, so the next provider would be paid to hit it as well.
  truncated: { then: 'stop', outcome: 'error' },
  // Usage in a bucket that the price row does not price.
  unpriced: { then: 'stop', outcome: 'error' },
  aborted: { then: 'stop', outcome: 'aborted' },
} as const satisfies Record<string, Handling>;

export type FailureKind = keyof typeof handling;
export type StoppingKind = { [K in FailureKind]: (typeof handling)[K]['then'] extends 'stop' ? K : never }[FailureKind];

export const failureKinds = Object.keys(handling) as FailureKind[];

/** True when no other provider is to be tried. */
export const stopsChain = (kind: FailureKind): kind is StoppingKind => handling[kind].then === 'stop';

/** What the record of the call says about its end. */
export const outcomeOf = (kind: FailureKind): Handling['outcome'] => handling[kind].outcome;

/** What is known of a call apart from its answer. */
export interface CallFacts {
  readonly usage: TokenUsage | null;
  readonly providerRequestId: string | null;
}

/** A classified failure of one call. `usage` is there when the provider billed the call all the same. */
export class ProviderFailure extends Error implements CallFacts {
  readonly kind: FailureKind;
  readonly usage: TokenUsage | null;
  readonly providerRequestId: string | null;
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: FailureKind,
    facts: Partial<CallFacts> & { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(kind, { cause: facts.cause });
    this.name = 'ProviderFailure';
    this.kind = kind;
    this.usage = facts.usage ?? null;
    this.providerRequestId = facts.providerRequestId ?? null;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** What an error of an SDK says, whichever SDK threw it. */
export interface ErrorFacts {
  readonly status?: number | undefined;
  /** Codes and types from the error's body. */
  readonly codes: readonly string[];
  readonly message: string;
  readonly providerRequestId: string | null;
  readonly retryAfterMs?: number | undefined;
}

const codeKinds: Readonly<Record<string, FailureKind>> = {
  content_filter: 'refused',
  content_policy_violation: 'refused',
  invalid_prompt: 'refused',
  bio_policy: 'refused',
  misalignment_policy_violation: 'refused',
  context_length_exceeded: 'context_length',
  request_too_large: 'context_length',
  rate_limit_error: 'rate_limited',
  rate_limit_exceeded: 'rate_limited',
  overloaded_error: 'overloaded',
  api_error: 'server_error',
  server_error: 'server_error',
  timeout_error: 'timeout',
  authentication_error: 'unauthorized',
  billing_error: 'unauthorized',
  permission_error: 'unauthorized',
  API_KEY_INVALID: 'unauthorized',
  not_found_error: 'model_not_found',
  invalid_request_error: 'bad_request',
};

// Some rejections are told from other bad requests by their wording only.
const wordings: readonly (readonly [RegExp, FailureKind])[] = [
  [/content filtering policy/i, 'refused'],
  [/prompt is too long|input token count .* exceeds|context window/i, 'context_length'],
  [/credit balance is too low/i, 'unauthorized'],
];

const statusKinds: Readonly<Record<number, FailureKind>> = {
  401: 'unauthorized',
  402: 'unauthorized',
  403: 'unauthorized',
  404: 'model_not_found',
  408: 'timeout',
  409: 'server_error',
  413: 'context_length',
  429: 'rate_limited',
  503: 'overloaded',
  529: 'overloaded',
};

/** The kind of a failure that a provider reported, by code, wording or status, or `undefined` when it reported none. */
export const reportedKind = ({ status, codes, message }: ErrorFacts): FailureKind | undefined => {
  const byCode = codes.map((code) => codeKinds[code]).find((kind) => kind !== undefined);
  if (byCode !== undefined && byCode !== 'bad_request') return byCode;
  const isRejection = byCode === 'bad_request' || (status !== undefined && status >= 400 && status < 429);
  const byWording = isRejection ? wordings.find(([wording]) => wording.test(message))?.[1] : undefined;
  return byWording ?? (status === undefined ? byCode : kindOfStatus(status));
};

const kindOfStatus = (status: number): FailureKind =>
  statusKinds[status] ?? (status >= 500 ? 'server_error' : 'bad_request');

// Read by shape: errors of fetch may come from another realm, where `instanceof` fails.
const thrown = z.object({
  name: z.string().catch(''),
  message: z.string().catch(''),
  code: z.string().optional().catch(undefined),
  cause: z.unknown().optional(),
});

// The words are names and codes of errors of Node and undici, and the fixed messages of fetch.
const transports: readonly (readonly [RegExp, FailureKind])[] = [
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT/, 'unreachable'],
  [/UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|TimeoutError|Request timed out/, 'timeout'],
  [/ECONNRESET|EPIPE|UND_ERR_SOCKET|terminated|fetch failed|other side closed/, 'connection'],
  // The SDKs read fields of an answer that they did not check.
  [/SyntaxError|TypeError/, 'malformed'],
];

const MAX_CAUSES = 5;

const causes = (error: unknown, depth = 0): string[] => {
  const parsed = thrown.safeParse(error);
  if (!parsed.success || depth === MAX_CAUSES) return [];
  const { name, message, code = '', cause } = parsed.data;
  // Only fetch's own messages are fixed words; a parser's message may quote the body.
  const text = name === 'SyntaxError' ? name : `${name} ${message} ${code}`;
  return [text, ...causes(cause, depth + 1)];
};

/** The kind of a failure that never became a provider's report: the network's, a parser's, or a defect's (`unexpected`). */
export const transportKind = (error: unknown): FailureKind => {
  const trail = causes(error).join('\n');
  return transports.find(([words]) => words.test(trail))?.[1] ?? 'unexpected';
};
