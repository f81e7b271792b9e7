// What each model takes, as data: how much it can write in one answer, and how its thinking is asked for. Every provider counts
// thinking against the output limit and bills it, so a limit is always room for the answer plus room to think.
//
// M1. A model with a price has a row here, and the other way round (models.test.ts).
// M2. Sampling parameters are in no request: the newer models of all three providers refuse or ignore them.
import type { Effort, LlmRequest, ProviderName } from './schemas.ts';

/**
 * How a model is told how much to think. `adaptive`: Anthropic's effort, with the thinking switched on by name. `always`: the same effort
 * for models that cannot switch it off. `none`: the model refuses an effort and does not think unless asked to. `effort`: OpenAI's
 * reasoning effort. `level`: Google's thinking level.
 */
export type ThinkingControl = 'adaptive' | 'always' | 'none' | 'effort' | 'level';

export interface ModelRow {
  readonly provider: ProviderName;
  readonly model: string;
  /** Thinking included. */
  readonly maxOutputTokens: number;
  readonly thinking: ThinkingControl;
}

const row = (provider: ProviderName, thinking: ThinkingControl, maxOutputTokens: number) => (model: string) => ({
  provider,
  model,
  maxOutputTokens,
  thinking,
});

const ANTHROPIC_MAX = 128_000;
const ANTHROPIC_4_5_MAX = 64_000;
const OPENAI_MAX = 128_000;
const GOOGLE_MAX = 65_536;

// Read in November 2026: the providers' model pages and the types of @anthropic-ai/sdk 1.12, openai 7.57 and @google/genai 3.1.
export const models: readonly ModelRow[] = [
  ...['claude-fable-5-1', 'claude-fable-5-2', 'claude-opus-5-5'].map(row('anthropic', 'always', ANTHROPIC_MAX)),
  ...['claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-opus-5'].map(row('anthropic', 'adaptive', ANTHROPIC_MAX)),
  ...['claude-haiku-4-5'].map(row('anthropic', 'none', ANTHROPIC_4_5_MAX)),
  ...['gpt-6-astra', 'gpt-6.1-sol', 'gpt-6.1-terra', 'gpt-6-sol', 'gpt-6-luna'].map(
    row('openai', 'effort', OPENAI_MAX),
  ),
  // Thinking cannot be switched off on most of them; LOW is the least that all of them take.
  ...['gemini-4-argon', 'gemini-3.8-flash', 'gemini-3.6-flash', 'gemini-3.5-flash-lite', 'gemini-3.1-pro-preview'].map(
    row('google', 'level', GOOGLE_MAX),
  ),
];

export const modelRow = (provider: ProviderName, model: string): ModelRow | undefined =>
  models.find((each) => each.provider === provider && each.model === model);

/** Tokens of thinking that an effort may take before the answer begins; above what the models use on most questions of that effort. */
const thinkingRoom: Readonly<Record<Effort, number>> = { low: 8_000, medium: 24_000, high: 48_000 };

/** The output limit of a first try: the answer and the thinking before it, as far as the model goes. */
export const outputLimit = (
  { maxOutputTokens, thinking }: Pick<ModelRow, 'maxOutputTokens' | 'thinking'>,
  { answerTokens, effort }: Pick<LlmRequest, 'answerTokens' | 'effort'>,
): number => Math.min(maxOutputTokens, answerTokens + (thinking === 'none' ? 0 : thinkingRoom[effort]));
