// The gateway: one request, tried at the configured targets in order until one answers.
//
// G1: every provider call that was started is in `calls`, also when all failed (LlmFailure).
// G2: a model without a price is never called; an answer without a price is not returned.
// G3: each target is called at most once per request. Delivering the work again is the retry layer, not this chain.
// G4: a refusal, a rejected request and a truncated answer end the chain; so do the caller's signal and the deadline.
import type { ErrorRow } from '../platform/errors.ts';
import { attempt } from './attempt.ts';
import { LlmFailure, llmErrors } from './errors.ts';
import { stopsChain, type FailureKind, type ProviderFailure, type StoppingKind } from './failures.ts';
import { isListed, priceRow } from './pricing.ts';
import { anthropic } from './providers/anthropic.ts';
import { google } from './providers/google.ts';
import { openai } from './providers/openai.ts';
import type { Credentials, Provider } from './providers/provider.ts';
import type { LlmAnswer, LlmCall, LlmRequest, ProviderName } from './schemas.ts';

/** A model at a provider, and how to reach it. */
export interface LlmTarget extends Credentials {
  readonly provider: ProviderName;
  readonly model: string;
}

export interface GatewayOptions {
  /** In order of preference. */
  readonly targets: readonly LlmTarget[];
  /** The longest that one provider is waited for before the next one is tried. */
  readonly callTimeoutMs: number;
}

export interface CallOptions {
  /** Aborts the running provider call. */
  readonly signal: AbortSignal;
  /** No call is started after it, and none runs past it. */
  readonly deadlineAt: Date;
  readonly now: () => Date;
}

interface Lane {
  readonly provider: ProviderName;
  readonly model: string;
  readonly ask: Provider;
  /** Until then the provider asked to be left alone; milliseconds since the epoch. */
  coolUntil: number;
}

/** Holds the SDK clients and what this instance knows of each target's overload. */
export interface Gateway {
  readonly lanes: readonly Lane[];
  readonly callTimeoutMs: number;
}

const providers = { anthropic, openai, google };

// A longer wait than this is a misconfigured server's; the instance must not lose a provider for good.
const MAX_COOL_DOWN_MS = 10 * 60 * 1000;

// A call with less time than this is billed and cut off. It also absorbs that timers and the clock differ by a millisecond or two.
const MIN_CALL_MS = 25;

/** Makes a gateway; nothing is loaded or called yet. Throws `llm.unpriced_model` for a model that the price list does not know. */
export const makeGateway = ({ targets, callTimeoutMs }: GatewayOptions): Gateway => {
  const unknown = targets.find(({ provider, model }) => !isListed(provider, model));
  if (unknown) throw unpriced(unknown);
  const lanes = targets.map(({ provider, model, ...credentials }) => ({
    provider,
    model,
    ask: providers[provider](credentials),
    coolUntil: 0,
  }));
  return { lanes, callTimeoutMs };
};

/**
 * Asks the targets in order and returns the first answer. Throws `LlmFailure`, whose `calls` are to be billed:
 * `llm.refused`, `llm.bad_request`, `llm.output_truncated` and `llm.context_too_long` for what a retry cannot cure,
 * `llm.all_providers_failed` and `llm.deadline_exceeded` for what it may, `llm.aborted` after the signal.
 */
export const complete = async (gateway: Gateway, request: LlmRequest, options: CallOptions): Promise<LlmAnswer> => {
  const calls: LlmCall[] = [];
  const failures: ProviderFailure[] = [];
  for (const lane of chain(gateway, options.now())) {
    const remainingMs = remaining(options);
    if (options.signal.aborted) throw new LlmFailure(llmErrors.aborted, calls);
    if (remainingMs < MIN_CALL_MS) throw new LlmFailure(llmErrors.deadlineExceeded, calls);
    const timeoutMs = Math.min(gateway.callTimeoutMs, remainingMs);
    const call = { model: lane.model, request, signal: options.signal, timeoutMs };
    const result = await attempt(lane, call, options.now);
    calls.push(result.record);
    if ('text' in result) return { text: result.text, calls };
    coolDown(lane, result.failure, options.now());
    failures.push(result.failure);
    if (stopsChain(result.failure.kind)) {
      throw new LlmFailure(rowOfStop[result.failure.kind], calls, { cause: result.failure });
    }
  }
  throw exhausted(gateway, failures, calls, options);
};

const remaining = ({ deadlineAt, now }: CallOptions) => deadlineAt.getTime() - now().getTime();

const rowOfStop: Readonly<Record<StoppingKind, ErrorRow>> = {
  bad_request: llmErrors.badRequest,
  refused: llmErrors.refused,
  truncated: llmErrors.outputTruncated,
  unpriced: llmErrors.unpricedModel,
  aborted: llmErrors.aborted,
};

/** The targets that may be called now: priced, and not cooling down unless all are. */
const chain = ({ lanes }: Gateway, now: Date): readonly Lane[] => {
  const [first] = lanes;
  if (!first) throw new LlmFailure(llmErrors.noProviderConfigured, []);
  const priced = lanes.filter(({ provider, model }) => priceRow(provider, model, now));
  if (priced.length === 0) throw unpriced(first);
  const ready = priced.filter(({ coolUntil }) => coolUntil <= now.getTime());
  return ready.length > 0 ? ready : priced;
};

const coolingKinds: ReadonlySet<FailureKind> = new Set(['rate_limited', 'overloaded']);

const coolDown = (lane: Lane, { kind, retryAfterMs = 0 }: ProviderFailure, now: Date) => {
  if (!coolingKinds.has(kind)) return;
  lane.coolUntil = Math.max(lane.coolUntil, now.getTime() + Math.min(retryAfterMs, MAX_COOL_DOWN_MS));
};

const exhausted = (
  { lanes }: Gateway,
  failures: readonly ProviderFailure[],
  calls: readonly LlmCall[],
  options: CallOptions,
): LlmFailure => {
  const cause = failures.at(-1);
  if (failures.length === lanes.length && failures.every(({ kind }) => kind === 'context_length')) {
    return new LlmFailure(llmErrors.contextTooLong, calls, { cause });
  }
  const row = remaining(options) < MIN_CALL_MS ? llmErrors.deadlineExceeded : llmErrors.allProvidersFailed;
  const waits = lanes.map(({ coolUntil }) => coolUntil - options.now().getTime()).filter((wait) => wait > 0);
  return new LlmFailure(row, calls, {
    cause,
    ...(waits.length > 0 && { retryAfterSeconds: Math.ceil(Math.min(...waits) / 1000) }),
  });
};

const unpriced = ({ provider, model }: { provider: ProviderName; model: string }) =>
  new LlmFailure(llmErrors.unpricedModel, [], {
    detail: `${provider} ${model} has no price.`,
    context: { provider, model },
  });
