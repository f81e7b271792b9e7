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
  // Nothing was heard for too long. The provider may have finished, and billed, an answer that never arrived.
  silent: { then: 'next', outcome: 'unknown' },
  // The time for the whole call was up, or the provider says that its own was.
  timeout: { then: 'next', outcome: 'unknown' },
  // The connection broke, or the answer ended without saying that it had.
  connection: { then: 'next', outcome: 'unknown' },
  // No connection was made, so nothing was done.
  unreachable: { then: 'next', outcome: 'error' },
  unauthorized: { then: 'next', outcome: 'error' },
  model_not_found: { then: 'next', outcome: 'error' },
  // The account has no money or no quota left: people cure it, or the end of a day or month.
  exhausted: { then: 'next', outcome: 'error' },
  // Another model may have a larger window.
  context_length: { then: 'next', outcome: 'error' },
  // What one provider takes for a bad request another one may take: a parameter, a schema, a workspace without the model.
  bad_request: { then: 'next', outcome: 'error' },
  malformed: { then: 'next', outcome: 'error' },
  // An answer came that the caller cannot use.
  unusable: { then: 'next', outcome: 'error' },
  // The provider interrupts itself and wants to be asked to go on, which only its own tools make it do.
  paused: { then: 'next', outcome: 'error' },
  unexpected: { then: 'next', outcome: 'unknown' },
  // The limit was too small for the answer, or the thinking left no room for any. The same model is asked once more with all the room that
  // it has, then the next one.
  truncated: { then: 'next', outcome: 'error' },
  thought_only: { then: 'next', outcome: 'error' },
  // Shopping for a provider that answers what another one refused is not our decision.
  refused: { then: 'stop', outcome: 'error' },
  // Usage in a bucket that the price row does not price.
  unpriced: { then: 'stop', outcome: 'error' },
  aborted: { then: 'stop', outcome: 'aborted' },
} as const satisfies Record<string, Handling>;

export type FailureKind = keyof typeof handling;
export type StoppingKind = { [K in FailureKind]: (typeof handling)[K]['then'] extends 'stop' ? K : never }[FailureKind];

export const failureKinds = Object.keys(handling) as FailureKind[];

/** True when no other provider is to be tried. */
export const stopsChain = (kind: FailureKind): kind is StoppingKind => handling[kind].then === 'stop';

/** What the record of the call says about its end. An answer that had begun may be billed whatever broke it off. */
export const outcomeOf = ({
  kind,
  usage,
  begun,
}: Pick<ProviderFailure, 'kind' | 'usage' | 'begun'>): Handling['outcome'] => {
  const { outcome } = handling[kind];
  return outcome === 'error' && begun && usage === null ? 'unknown' : outcome;
};

/** May the provider have billed a call that reported no usage? */
export const mayBeBilled = (failure: Pick<ProviderFailure, 'kind' | 'usage' | 'begun'>): boolean =>
  failure.usage === null && outcomeOf(failure) !== 'error';

const needMoreRoom: ReadonlySet<FailureKind> = new Set(['truncated', 'thought_only']);

/** Did the output limit end the answer? */
export const needsMoreRoom = (kind: FailureKind): boolean => needMoreRoom.has(kind);

/** What is known of a call apart from its answer. */
export interface CallFacts {
  readonly usage: TokenUsage | null;
  readonly providerRequestId: string | null;
}

interface FailureFacts extends Partial<CallFacts> {
  readonly retryAfterMs?: number | undefined;
  readonly begun?: boolean;
  readonly cause?: unknown;
}

/** A classified failure of one call. `usage` is there when the provider billed the call all the same. */
export class ProviderFailure extends Error implements CallFacts {
  readonly kind: FailureKind;
  readonly usage: TokenUsage | null;
  readonly providerRequestId: string | null;
  readonly retryAfterMs: number | undefined;
  /** The answer had begun before the call failed. */
  readonly begun: boolean;

  constructor(kind: FailureKind, facts: FailureFacts = {}) {
    super(kind, { cause: facts.cause });
    this.name = 'ProviderFailure';
    this.kind = kind;
    this.usage = facts.usage ?? null;
    this.providerRequestId = facts.providerRequestId ?? null;
    this.retryAfterMs = facts.retryAfterMs;
    this.begun = facts.begun ?? false;
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

// The codes and types that the providers document, and the status words of Google's API.
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
  ramp_limit_exceeded: 'rate_limited',
  slow_down: 'rate_limited',
  RESOURCE_EXHAUSTED: 'rate_limited',
  overloaded_error: 'overloaded',
  server_is_overloaded: 'overloaded',
  service_unavailable_error: 'overloaded',
  compaction_unavailable: 'overloaded',
  UNAVAILABLE: 'overloaded',
  api_error: 'server_error',
  server_error: 'server_error',
  conflict_error: 'server_error',
  INTERNAL: 'server_error',
  CANCELLED: 'server_error',
  timeout_error: 'timeout',
  authentication_error: 'unauthorized',
  permission_error: 'unauthorized',
  organization_on_hold: 'unauthorized',
  invalid_api_key: 'unauthorized',
  unsupported_country_region_territory: 'unauthorized',
  API_KEY_INVALID: 'unauthorized',
  UNAUTHENTICATED: 'unauthorized',
  PERMISSION_DENIED: 'unauthorized',
  // Google's free tier in a country that does not have it.
  FAILED_PRECONDITION: 'unauthorized',
  billing_error: 'exhausted',
  enforced_spend_limit_reached: 'exhausted',
  contract_spend_limit_reached: 'exhausted',
  insufficient_quota: 'exhausted',
  credit_balance_exhausted: 'exhausted',
  organization_spend_limit_exceeded: 'exhausted',
  project_spend_limit_exceeded: 'exhausted',
  organization_usage_limit_exceeded: 'exhausted',
  not_found_error: 'model_not_found',
  model_not_found: 'model_not_found',
  NOT_FOUND: 'model_not_found',
  invalid_request_error: 'bad_request',
  INVALID_ARGUMENT: 'bad_request',
};

/** Say only that something is wrong, or too much: the wording, or a finer code beside them, may say what. */
const vague: ReadonlySet<FailureKind> = new Set(['bad_request', 'rate_limited', 'server_error']);

// Some rejections are told from others by their wording only.
const wordings: readonly (readonly [RegExp, FailureKind])[] = [
  [/content filtering policy/i, 'refused'],
  [/prompt is too long|input token count .* exceeds|context window/i, 'context_length'],
  [/credit balance is too low|reached your specified .*usage limits|credits? (are|is) depleted/i, 'exhausted'],
  [/quota.*per ?day|per ?day.*quota/i, 'exhausted'],
];

const statusKinds: Readonly<Record<number, FailureKind>> = {
  401: 'unauthorized',
  402: 'exhausted',
  403: 'unauthorized',
  404: 'model_not_found',
  408: 'timeout',
  409: 'server_error',
  413: 'context_length',
  429: 'rate_limited',
  499: 'server_error',
  503: 'overloaded',
  529: 'overloaded',
};

/** The kind of a failure that a provider reported, by code, wording or status, or `undefined` when it reported none. */
export const reportedKind = ({ status, codes, message }: ErrorFacts): FailureKind | undefined => {
  // "Payment required", whatever word stands beside it.
  if (status === 402) return 'exhausted';
  const byCodes = codes.flatMap((code) => codeKinds[code] ?? []);
  const exact = byCodes.find((kind) => !vague.has(kind));
  if (exact) return exact;
  const isRejection = byCodes.some((kind) => kind !== 'server_error') || isClientError(status);
  const byWording = isRejection ? wordings.find(([wording]) => wording.test(message))?.[1] : undefined;
  if (byWording) return byWording;
  const [byCode] = byCodes;
  return byCode === undefined || byCode === 'bad_request' ? byStatus(status, byCode) : byCode;
};

const isClientError = (status = 0) => status >= 400 && status <= 429;

/** A bad request is what a status may say more exactly. */
const byStatus = (status: number | undefined, byCode: FailureKind | undefined): FailureKind | undefined =>
  status === undefined || status < 400 ? byCode : kindOfStatus(status);

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
  [/ECONNRESET|EPIPE|UND_ERR_SOCKET|terminated|fetch failed|other side closed|Incomplete JSON/, 'connection'],
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
