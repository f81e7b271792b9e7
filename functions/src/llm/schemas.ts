// What a call to a model is and what it costs, whichever provider answers. A leaf.
import { z } from 'zod';
import { instant, nanoUsd } from '../platform/schemas.ts';

export const providers = ['anthropic', 'openai', 'google'] as const;
export const providerName = z.enum(providers);
export type ProviderName = z.infer<typeof providerName>;

const tokens = z.int().nonnegative();

/**
 * Disjoint token buckets: their sum is everything the provider bills by the token. Each provider reports overlapping fields;
 * its adapter takes them apart.
 */
export const tokenUsage = z.strictObject({
  inputUncached: tokens,
  inputCacheRead: tokens,
  inputCacheWriteShort: tokens,
  inputCacheWriteLong: tokens,
  inputTool: tokens,
  outputVisible: tokens,
  outputReasoning: tokens,
});
export type TokenUsage = z.infer<typeof tokenUsage>;

/** `unknown`: the call was started and nobody knows how it ended, nor what it costs (a cut connection, silence). */
export const callOutcome = z.enum(['ok', 'error', 'aborted', 'unknown']);

/**
 * One request to one provider. `error` is the kind of its failure, null when it answered; `usage` and `costNanoUsd` are null when
 * the provider reported none, `costNanoUsd` also when that usage has no price. `worstCaseNanoUsd` is there exactly when the provider may
 * have billed a call that reported no usage: the price of the longest answer that was allowed. Budgets count it.
 */
export const llmCall = z.strictObject({
  provider: providerName,
  model: z.string(),
  outcome: callOutcome,
  error: z.string().nullable(),
  usage: tokenUsage.nullable(),
  costNanoUsd: nanoUsd.nullable(),
  worstCaseNanoUsd: nanoUsd.optional(),
  startedAt: instant,
  latencyMs: z.int().nonnegative(),
  providerRequestId: z.string().nullable(),
});
export type LlmCall = z.infer<typeof llmCall>;

const setupFaults: ReadonlySet<string> = new Set(['unauthorized', 'model_not_found', 'exhausted']);

/** Is a call's `error` for people to cure: a key, the name of a model, an account? */
export const isSetupFault = (error: string | null): boolean => error !== null && setupFaults.has(error);

/** How hard a model is to think. Each provider has its own words for it. */
export type Effort = 'low' | 'medium' | 'high';

export type JsonSchema = Record<string, unknown>;

export interface LlmRequest {
  readonly system: string;
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
  /** The answer must be JSON of this schema; `name` matches ^[a-z_]{1,64}$. */
  readonly output: { readonly name: string; readonly schema: JsonSchema };
  /** Room for the answer itself; the room to think comes on top, by effort and model. */
  readonly answerTokens: number;
  readonly effort: Effort;
  /** False for an answer that cannot be used: another provider is then asked. Left out: any text will do. */
  readonly accepts?: (text: string) => boolean;
}

export interface LlmAnswer {
  /** The raw text of the answer, meant to be JSON of the requested schema: parse it, trust nothing. */
  readonly text: string;
  /** Every provider call made for this answer, failed ones first, the one that answered last. */
  readonly calls: readonly LlmCall[];
}
