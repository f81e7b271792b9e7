// The price list, as data. A rate is in nano-USD per token: $1 per million tokens is 1000. The finest list price so far is
// $0.01 per million, so integers are exact and nothing is ever rounded.
//
// P1: a price that nobody published is not guessed: its rate is null, and usage that needs it cannot be priced.
// P2: rows of one model never overlap in time. A changed price is a new row; old rows stay, so that old calls can be rated again.
// Batch, flex, priority and regional prices are absent because the adapters ask for the standard tier.
import type { ProviderName, TokenUsage } from './schemas.ts';

/** Nano-USD per token of each bucket; null where the provider sells no such thing or its price is not known. */
export type TokenRates = Readonly<Record<keyof TokenUsage, bigint | null>>;

export interface PriceBand {
  /** The band holds for requests of at most this much input, cached or not; null: of any size. */
  readonly maxInputTokens: number | null;
  readonly rates: TokenRates;
}

export interface PriceRow {
  readonly provider: ProviderName;
  readonly model: string;
  readonly validFrom: Date;
  /** Exclusive. */
  readonly validTo: Date | null;
  /** By rising `maxInputTokens`; one band prices the whole request. */
  readonly bands: readonly PriceBand[];
  /** Where the price was published. */
  readonly source: string;
}

interface ListPrice {
  readonly input: bigint;
  readonly cacheRead: bigint;
  readonly cacheWriteShort: bigint | null;
  readonly cacheWriteLong: bigint | null;
  readonly output: bigint;
}

/** Tool results are billed as input, reasoning as output. */
const rates = (list: ListPrice): TokenRates => ({
  inputUncached: list.input,
  inputCacheRead: list.cacheRead,
  inputCacheWriteShort: list.cacheWriteShort,
  inputCacheWriteLong: list.cacheWriteLong,
  inputTool: list.input,
  outputVisible: list.output,
  outputReasoning: list.output,
});

const flat = (list: ListPrice): PriceBand[] => [{ maxInputTokens: null, rates: rates(list) }];

const OPENAI_LONG_CONTEXT_TOKENS = 272_000;

const doubled = (rate: bigint | null) => (rate === null ? null : rate * 2n);

/** Beyond 272K of input the whole request costs twice as much for input and cache, and half as much again for output. */
const openaiBands = (list: ListPrice): PriceBand[] => [
  { maxInputTokens: OPENAI_LONG_CONTEXT_TOKENS, rates: rates(list) },
  {
    maxInputTokens: null,
    rates: rates({
      input: list.input * 2n,
      cacheRead: list.cacheRead * 2n,
      cacheWriteShort: doubled(list.cacheWriteShort),
      cacheWriteLong: doubled(list.cacheWriteLong),
      output: (list.output * 3n) / 2n,
    }),
  },
];

/** Google's implicit cache: reads at a tenth of the input price, writes free of charge per token and never reported. */
const googleRates = (input: bigint, output: bigint): TokenRates =>
  rates({ input, cacheRead: input / 10n, cacheWriteShort: null, cacheWriteLong: null, output });

// The lists do not say since when their prices hold. No call of this service is older than this year, so the rows start with it.
const listed = new Date('2026-01-01T00:00:00Z');

const anthropic = (model: string, list: ListPrice, note = ''): PriceRow => ({
  provider: 'anthropic',
  model,
  validFrom: listed,
  validTo: null,
  bands: flat(list),
  source: `platform.claude.com, pricing, read 2026-11-22${note}`,
});

const openai = (model: string, list: ListPrice, note = ''): PriceRow => ({
  provider: 'openai',
  model,
  validFrom: listed,
  validTo: null,
  bands: openaiBands(list),
  source: `developers.openai.com, pricing and prompt-caching, read 2026-11-22${note}`,
});

// "Until 31 December" names no time zone. UTC reaches the new year before the provider does, so the estimate errs on the dear side.
const flashPromotionEnds = new Date('2027-01-01T00:00:00Z');

export const prices: readonly PriceRow[] = [
  anthropic('claude-opus-5-5', {
    input: 4000n,
    cacheRead: 200n,
    cacheWriteShort: 5000n,
    cacheWriteLong: 8000n,
    output: 20_000n,
  }),
  anthropic(
    'claude-sonnet-5-5',
    { input: 2000n, cacheRead: 200n, cacheWriteShort: 2500n, cacheWriteLong: 4000n, output: 10_000n },
    '; cache reads are quoted at $0.10 elsewhere, the higher price is taken',
  ),
  anthropic('claude-haiku-4-5', {
    input: 1000n,
    cacheRead: 100n,
    cacheWriteShort: 1250n,
    cacheWriteLong: 2000n,
    output: 5000n,
  }),
  openai('gpt-6.1-sol', {
    input: 2000n,
    cacheRead: 100n,
    cacheWriteShort: 2500n,
    cacheWriteLong: null,
    output: 10_000n,
  }),
  openai('gpt-6.1-terra', {
    input: 1000n,
    cacheRead: 50n,
    cacheWriteShort: 1250n,
    cacheWriteLong: 2500n,
    output: 5000n,
  }),
  openai('gpt-6-sol', {
    input: 2000n,
    cacheRead: 200n,
    cacheWriteShort: 2500n,
    cacheWriteLong: null,
    output: 10_000n,
  }),
  openai('gpt-6-luna', { input: 100n, cacheRead: 10n, cacheWriteShort: 125n, cacheWriteLong: null, output: 500n }),
  {
    provider: 'google',
    model: 'gemini-3.8-flash',
    validFrom: listed,
    validTo: flashPromotionEnds,
    bands: [{ maxInputTokens: null, rates: googleRates(750n, 3750n) }],
    source: 'ai.google.dev, pricing, read 2026-11-22: promotion until 31 December 2026',
  },
  {
    provider: 'google',
    model: 'gemini-3.8-flash',
    validFrom: flashPromotionEnds,
    validTo: null,
    bands: [{ maxInputTokens: null, rates: googleRates(1500n, 7500n) }],
    source: 'ai.google.dev, pricing, read 2026-11-22: price after the promotion',
  },
  {
    provider: 'google',
    model: 'gemini-3.1-pro',
    validFrom: listed,
    validTo: null,
    bands: [
      { maxInputTokens: 200_000, rates: googleRates(2000n, 12_000n) },
      { maxInputTokens: null, rates: googleRates(4000n, 18_000n) },
    ],
    source: 'ai.google.dev, pricing as quoted in July 2026; cache discount of 90 % from its optimization guide',
  },
];
