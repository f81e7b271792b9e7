// What a call costs: exact integer arithmetic over the price list, no I/O and no clock.
import { AppError } from '../platform/errors.ts';
import { llmErrors } from './errors.ts';
import { prices, type PriceBand, type PriceRow } from './prices.ts';
import type { ProviderName, TokenUsage } from './schemas.ts';

/** The price row of a model at a moment, or `undefined` when it has none. */
export const priceRow = (provider: ProviderName, model: string, at: Date): PriceRow | undefined =>
  prices.find(
    (row) =>
      row.provider === provider &&
      row.model === model &&
      row.validFrom <= at &&
      (row.validTo === null || at < row.validTo),
  );

/** True when the model has a price at some time: otherwise its name is a mistake. */
export const isListed = (provider: ProviderName, model: string): boolean =>
  prices.some((row) => row.provider === provider && row.model === model);

/** The list price of `usage` in nano-USD at the time of the call. Throws `llm.unpriced_model` when any part of it has no price. */
export const price = (usage: TokenUsage, provider: ProviderName, model: string, at: Date): bigint => {
  const row = priceRow(provider, model, at);
  const band = row && bandFor(row, inputTokens(usage));
  if (!band) throw unpriced(provider, model);
  return bucketNames(usage).reduce((total, bucket) => {
    const tokens = BigInt(usage[bucket]);
    const rate = band.rates[bucket];
    if (rate === null && tokens > 0n) throw unpriced(provider, model, bucket);
    return total + tokens * (rate ?? 0n);
  }, 0n);
};

/** The most that a call may have cost in nano-USD: its input at the dearest input rate, and all the output that it was allowed. */
export const worstCase = (
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
  { provider, model }: { readonly provider: ProviderName; readonly model: string },
  at: Date,
): bigint => {
  const row = priceRow(provider, model, at);
  const band = row && bandFor(row, inputTokens);
  if (!band) throw unpriced(provider, model);
  const { outputVisible, outputReasoning, ...input } = band.rates;
  return (
    BigInt(inputTokens) * dearest(Object.values(input)) +
    BigInt(outputTokens) * dearest([outputVisible, outputReasoning])
  );
};

const dearest = (rates: readonly (bigint | null)[]): bigint =>
  rates.reduce<bigint>((most, rate) => (rate !== null && rate > most ? rate : most), 0n);

const bucketNames = (usage: TokenUsage) => Object.keys(usage) as (keyof TokenUsage)[];

const inputTokens = (usage: TokenUsage) =>
  usage.inputUncached + usage.inputCacheRead + usage.inputCacheWriteShort + usage.inputCacheWriteLong + usage.inputTool;

const bandFor = (row: PriceRow, input: number): PriceBand | undefined =>
  row.bands.find((band) => band.maxInputTokens === null || input <= band.maxInputTokens);

const unpriced = (provider: ProviderName, model: string, bucket = 'any') =>
  new AppError(llmErrors.unpricedModel, {
    detail: `${provider} ${model} has no price.`,
    context: { provider, model, bucket },
  });
