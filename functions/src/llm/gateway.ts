// The gateway: one request, tried at the configured targets in order until one answers.
//
// G1: every provider call that was started is in `calls`, also when all failed (LlmFailure).
// G2: a model without a price is never called; an answer without a price is not returned.
// G3: each target is called at most once per request, and once more only with more room: after an answer that its output limit cut off, or
//     before any of it. Delivering the work again is the retry layer, not this chain.
// G4: a refusal ends the chain; so do the caller's signal and the deadline.
// G5: a target that is silent leaves time for those after it.
import { attempt } from './attempt.ts';
import { callAnswered, callBegun, callFailed, closedBreaker, mayCall, readyAt, type Breaker } from './breaker.ts';
import { failureOfChain, rowOfStop } from './chain-failure.ts';
import { LlmFailure, llmErrors } from './errors.ts';
import { needsMoreRoom, stopsChain, type ProviderFailure } from './failures.ts';
import { modelRow, outputLimit, type ModelRow } from './models.ts';
import { isListed, priceRow, worstCase } from './pricing.ts';
import { anthropic } from './providers/anthropic.ts';
import type { CallLimits } from './providers/call-watch.ts';
import { google } from './providers/google.ts';
import { openai } from './providers/openai.ts';
import type { Credentials, Provider } from './providers/provider.ts';
import type { LlmAnswer, LlmCall, LlmRequest, ProviderName } from './schemas.ts';

/** A model at a provider, and how to reach it. */
export interface LlmTarget extends Credentials {
  readonly provider: ProviderName;
  readonly model: string;
}

export interface GatewayOptions extends Pick<CallLimits, 'firstEventMs' | 'silenceMs'> {
  /** In order of preference. */
  readonly targets: readonly LlmTarget[];
}

export interface CallOptions {
  /** Aborts the running provider call. */
  readonly signal: AbortSignal;
  /** No call is started after it, and none runs past it. */
  readonly deadlineAt: Date;
  readonly now: () => Date;
  /** Providers to be asked after all others: their answers were of no use. */
  readonly last?: ReadonlySet<ProviderName>;
}

interface Lane extends ModelRow {
  readonly ask: Provider;
  breaker: Breaker;
}

/** Holds the SDK clients and what this instance knows of each target's troubles. */
export interface Gateway extends Pick<CallLimits, 'firstEventMs' | 'silenceMs'> {
  readonly lanes: readonly Lane[];
}

const providers = { anthropic, openai, google };

// A call with less time than this is billed and cut off. It also absorbs that timers and the clock differ by a millisecond or two.
const MIN_CALL_MS = 25;

/** G5: however little time there is, less than this is not enough for a model to begin. */
const MIN_SHARE_MS = 10_000;

/** Makes a gateway; nothing is loaded or called yet. Throws `llm.unpriced_model` for a model that the price list does not know. */
export const makeGateway = ({ targets, firstEventMs, silenceMs }: GatewayOptions): Gateway => {
  const lanes = targets.map(({ provider, model, ...credentials }) => {
    const row = modelRow(provider, model);
    if (!row || !isListed(provider, model)) throw unpriced({ provider, model });
    return { ...row, ask: providers[provider](credentials), breaker: closedBreaker };
  });
  return { lanes, firstEventMs, silenceMs };
};

/** Nano-USD that one request of the size may cost at most, at whichever target. */
export const worstCaseOf = (
  { lanes }: Gateway,
  inputTokens: number,
  { room, at }: { readonly room: Pick<LlmRequest, 'answerTokens' | 'effort'>; readonly at: Date },
): bigint =>
  lanes
    .filter(({ provider, model }) => priceRow(provider, model, at))
    .map((lane) => worstCase({ inputTokens, outputTokens: outputLimit(lane, room) }, lane, at))
    .reduce((most, each) => (each > most ? each : most), 0n);

/** One request on its way through the chain. */
interface Passage {
  readonly gateway: Gateway;
  readonly request: LlmRequest;
  readonly options: CallOptions;
  readonly calls: LlmCall[];
  /** How each target that was asked failed the last time. */
  readonly failures: Map<Lane, ProviderFailure>;
}

/**
 * Asks the targets in order and returns the first answer. Throws `LlmFailure`, whose `calls` are to be billed:
 * `llm.refused`, `llm.bad_request`, `llm.output_truncated` and `llm.context_too_long` for what a retry cannot cure,
 * `llm.all_providers_failed`, `llm.providers_refuse_us` and `llm.deadline_exceeded` for what it may, `llm.aborted` after the signal.
 */
export const complete = async (gateway: Gateway, request: LlmRequest, options: CallOptions): Promise<LlmAnswer> => {
  const passage: Passage = { gateway, request, options, calls: [], failures: new Map() };
  const lanes = chain(gateway, options);
  for (const [index, lane] of lanes.entries()) {
    const text = await askLane(passage, lane, lanes.length - index);
    if (text !== undefined) return { text, calls: passage.calls };
  }
  throw exhausted(passage);
};

/** The answer of one target; undefined when the next one is to be asked. */
const askLane = async (passage: Passage, lane: Lane, lanesLeft: number): Promise<string | undefined> => {
  const usual = outputLimit(lane, passage.request);
  const isShort = [...passage.failures.values()].some(({ kind }) => needsMoreRoom(kind));
  const limits = isShort || usual === lane.maxOutputTokens ? [lane.maxOutputTokens] : [usual, lane.maxOutputTokens];
  for (const maxOutputTokens of limits) {
    const result = await askOnce(passage, { lane, maxOutputTokens, lanesLeft });
    if (typeof result === 'string') return result;
    if (!needsMoreRoom(result.kind)) return undefined;
  }
  return undefined;
};

interface Try {
  readonly lane: Lane;
  readonly maxOutputTokens: number;
  readonly lanesLeft: number;
}

const askOnce = async (
  { gateway, request, options, calls, failures }: Passage,
  { lane, maxOutputTokens, lanesLeft }: Try,
): Promise<string | ProviderFailure> => {
  const { signal, now } = options;
  const limits = limitsOf(gateway, options, lanesLeft);
  if (signal.aborted) throw new LlmFailure(llmErrors.aborted, calls);
  if (limits.overallMs < MIN_CALL_MS) throw new LlmFailure(llmErrors.deadlineExceeded, calls);
  lane.breaker = callBegun(lane.breaker, now().getTime());
  const { model, thinking } = lane;
  const result = await attempt(lane, { model, request, maxOutputTokens, thinking, signal, limits }, now);
  calls.push(result.record);
  if ('text' in result) {
    lane.breaker = callAnswered(lane.breaker);
    return result.text;
  }
  const { failure } = result;
  failures.set(lane, failure);
  lane.breaker = callFailed(lane.breaker, failure, now().getTime());
  if (stopsChain(failure.kind)) throw new LlmFailure(rowOfStop[failure.kind], calls, { cause: failure });
  return failure;
};

/** G5: the more targets there are left, the sooner a silent one is given up. */
const limitsOf = ({ firstEventMs, silenceMs }: Gateway, options: CallOptions, lanesLeft: number): CallLimits => {
  const overallMs = remaining(options);
  const share = Math.max(MIN_SHARE_MS, overallMs / lanesLeft);
  return { firstEventMs: Math.min(firstEventMs, share), silenceMs: Math.min(silenceMs, share), overallMs };
};

const remaining = ({ deadlineAt, now }: CallOptions) => deadlineAt.getTime() - now().getTime();

/** The targets that may be called now: priced, and not left alone unless all are; then the first that would be ready comes first. */
const chain = ({ lanes }: Gateway, { now, last = new Set() }: CallOptions): readonly Lane[] => {
  const [first] = lanes;
  if (!first) throw new LlmFailure(llmErrors.noProviderConfigured, []);
  const at = now();
  const priced = lanes.filter(({ provider, model }) => priceRow(provider, model, at));
  if (priced.length === 0) throw unpriced(first);
  const ready = priced.filter(({ breaker }) => mayCall(breaker, at.getTime()));
  if (ready.length === 0) return priced.toSorted((a, b) => readyAt(a.breaker) - readyAt(b.breaker));
  return ready.toSorted((a, b) => Number(last.has(a.provider)) - Number(last.has(b.provider)));
};

const exhausted = ({ gateway: { lanes }, options, calls, failures }: Passage): LlmFailure => {
  const now = options.now().getTime();
  const isLate = remaining(options) < MIN_CALL_MS;
  const kinds = [...failures.values()].map(({ kind }) => kind);
  const row = isLate ? llmErrors.deadlineExceeded : failureOfChain(kinds, lanes.length);
  const waits = lanes.map(({ breaker }) => breaker.restUntil - now).filter((wait) => wait > 0);
  return new LlmFailure(row, calls, {
    cause: [...failures.values()].at(-1),
    ...(row.retry === 'later' && waits.length > 0 && { retryAfterSeconds: Math.ceil(Math.min(...waits) / 1000) }),
  });
};

const unpriced = ({ provider, model }: { provider: ProviderName; model: string }) =>
  new LlmFailure(llmErrors.unpricedModel, [], {
    detail: `${provider} ${model} has no price.`,
    context: { provider, model },
  });
