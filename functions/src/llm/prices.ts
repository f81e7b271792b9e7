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
  readonly cacheRead: bigint | null;
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
      cacheRead: doubled(list.cacheRead),
      cacheWriteShort: doubled(list.cacheWriteShort),
      cacheWriteLong: doubled(list.cacheWriteLong),
      output: (list.output * 3n) / 2n,
    }),
  },
];

/** Google's implicit cache: reads at a tenth of the input price, writes free of charge per token and never reported. */
const googleRates = (input: bigint, output: bigint, cacheRead = input / 10n): TokenRates =>
  rates({ input, cacheRead, cacheWriteShort: null, cacheWriteLong: null, output });

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

// Quoted from the pricing page by a tool that reads it daily; the change is dated.
const sonnetCacheCut = new Date('2026-10-07T00:00:00Z');

const haiku55: ListPrice = { input: 100n, cacheRead: 10n, cacheWriteShort: 125n, cacheWriteLong: 200n, output: 500n };

const sonnet55: ListPrice = {
  input: 2000n,
  cacheRead: 200n,
  cacheWriteShort: 2500n,
  cacheWriteLong: 4000n,
  output: 10_000n,
};

const openai = (model: string, list: ListPrice, note = ''): PriceRow => ({
  provider: 'openai',
  model,
  validFrom: listed,
  validTo: null,
  bands: openaiBands(list),
  source: `developers.openai.com, pricing and prompt-caching, read 2026-11-22${note}`,
});

const google = (model: string, list: TokenRates, source: string): PriceRow => ({
  provider: 'google',
  model,
  validFrom: listed,
  validTo: null,
  bands: [{ maxInputTokens: null, rates: list }],
  source,
});

const googleDiscount =
  'ai.google.dev, pricing as quoted in July 2026; cache discount of 90 % from its optimization guide';

const argonDoubles = new Date('2026-12-01T00:00:00Z');

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
  anthropic('claude-opus-5', {
    input: 5000n,
    cacheRead: 500n,
    cacheWriteShort: 6250n,
    cacheWriteLong: 10_000n,
    output: 25_000n,
  }),
  anthropic('claude-fable-5-1', {
    input: 10_000n,
    cacheRead: 250n,
    cacheWriteShort: 12_500n,
    cacheWriteLong: 20_000n,
    output: 50_000n,
  }),
  anthropic(
    'claude-fable-5-2',
    { input: 8000n, cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, output: 40_000n },
    ' in the overview of models, 2026-11; the prices of its cache are not known, and no request of ours uses it',
  ),
  { ...anthropic('claude-sonnet-5-5', sonnet55, ', cache reads as until October'), validTo: sonnetCacheCut },
  {
    ...anthropic('claude-sonnet-5-5', { ...sonnet55, cacheRead: 100n }, '; cache reads halved on 2026-10-07'),
    validFrom: sonnetCacheCut,
  },
  {
    ...anthropic('claude-haiku-5-5', haiku55, '; above 100K of input, cached or not, five times the price'),
    bands: [
      { maxInputTokens: 100_000, rates: rates(haiku55) },
      {
        maxInputTokens: null,
        rates: rates({
          input: 500n,
          cacheRead: 50n,
          cacheWriteShort: 625n,
          cacheWriteLong: 1000n,
          output: 2500n,
        }),
      },
    ],
  },
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
  openai('gpt-6-astra', {
    input: 10_000n,
    cacheRead: 1000n,
    cacheWriteShort: 12_500n,
    cacheWriteLong: null,
    output: 50_000n,
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
    model: 'gemini-4-argon',
    validFrom: listed,
    validTo: argonDoubles,
    bands: [{ maxInputTokens: null, rates: googleRates(2000n, 10_000n, 100n) }],
    source: 'the price list as quoted by three price trackers, October 2026',
  },
  {
    provider: 'google',
    model: 'gemini-4-argon',
    validFrom: argonDoubles,
    validTo: null,
    bands: [{ maxInputTokens: null, rates: googleRates(4000n, 20_000n, 200n) }],
    source: 'the price list as quoted by three price trackers, November 2026: doubled on 1 December 2026',
  },
  google('gemini-3.6-flash', googleRates(1500n, 7500n), 'ai.google.dev, models, read 2026-11'),
  google('gemini-3.5-flash-lite', googleRates(300n, 2500n), 'ai.google.dev, models, read 2026-11'),
  {
    ...google('gemini-3.1-pro-preview', googleRates(2000n, 12_000n), googleDiscount),
    bands: [
      { maxInputTokens: 200_000, rates: googleRates(2000n, 12_000n) },
      { maxInputTokens: null, rates: googleRates(4000n, 18_000n) },
    ],
  },
];
