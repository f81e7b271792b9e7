import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { prices } from './prices.ts';
import { isListed, price, priceRow, worstCase } from './pricing.ts';
import type { ProviderName, TokenUsage } from './schemas.ts';
import { usageOf } from './testing/dialects.ts';

const autumn = new Date('2026-11-22T12:00:00Z');
const million = 1_000_000;
const dollars = (amount: number) => BigInt(Math.round(amount * 100)) * 10_000_000n;

describe('price', () => {
  // A million tokens of each bucket in turn, against the published dollars per million.
  test.each<[ProviderName, string, keyof TokenUsage, number]>([
    ['anthropic', 'claude-opus-5-5', 'inputUncached', 4],
    ['anthropic', 'claude-opus-5-5', 'inputCacheRead', 0.2],
    ['anthropic', 'claude-opus-5-5', 'inputCacheWriteShort', 5],
    ['anthropic', 'claude-opus-5-5', 'inputCacheWriteLong', 8],
    ['anthropic', 'claude-opus-5-5', 'outputVisible', 20],
    ['anthropic', 'claude-opus-5-5', 'outputReasoning', 20],
    ['anthropic', 'claude-sonnet-5-5', 'inputUncached', 2],
    ['anthropic', 'claude-sonnet-5-5', 'outputVisible', 10],
    ['anthropic', 'claude-haiku-4-5', 'inputCacheRead', 0.1],
    ['anthropic', 'claude-haiku-4-5', 'inputCacheWriteShort', 1.25],
    ['anthropic', 'claude-sonnet-5-5', 'inputCacheRead', 0.1],
    ['anthropic', 'claude-fable-5-1', 'outputVisible', 50],
    ['anthropic', 'claude-fable-5-2', 'outputVisible', 40],
    ['anthropic', 'claude-opus-5', 'inputCacheWriteLong', 10],
    ['openai', 'gpt-6-astra', 'outputVisible', 50],
    ['google', 'gemini-3.6-flash', 'outputVisible', 7.5],
    ['google', 'gemini-3.5-flash-lite', 'outputVisible', 2.5],
    ['google', 'gemini-4-argon', 'inputCacheRead', 0.1],
    ['openai', 'gpt-6.1-terra', 'outputVisible', 5],
    ['openai', 'gpt-6.1-sol', 'outputReasoning', 10],
    ['openai', 'gpt-6-sol', 'outputVisible', 10],
    ['openai', 'gpt-6-luna', 'outputVisible', 0.5],
    ['google', 'gemini-3.8-flash', 'inputUncached', 0.75],
    ['google', 'gemini-3.8-flash', 'inputTool', 0.75],
    ['google', 'gemini-3.8-flash', 'outputReasoning', 3.75],
    ['google', 'gemini-3.1-pro-preview', 'outputVisible', 12],
  ])('of %s %s for a million tokens of %s is $%s', (provider, model, bucket, expected) => {
    expect(price(usageOf({ [bucket]: million }), provider, model, autumn)).toBe(dollars(expected));
  });

  test('adds the buckets up exactly', () => {
    const usage = usageOf({ inputUncached: 76, inputCacheRead: 1024, inputCacheWriteShort: 1900, outputVisible: 3 });

    expect(price(usage, 'openai', 'gpt-6-luna', autumn)).toBe(76n * 100n + 1024n * 10n + 1900n * 125n + 3n * 500n);
  });

  test.each<[string, Partial<TokenUsage>, bigint]>([
    ['at 272,000 tokens', { inputUncached: 272_000, outputVisible: 10 }, 272_000n * 1000n + 10n * 5000n],
    ['beyond', { inputUncached: 272_001, outputVisible: 10 }, 272_001n * 2000n + 10n * 7500n],
    ['beyond by its cached part', { inputUncached: 1, inputCacheRead: 272_000 }, 2000n + 272_000n * 100n],
  ])('of OpenAI counts all input for the band: %s', (_what, usage, expected) => {
    expect(price(usageOf(usage), 'openai', 'gpt-6.1-terra', autumn)).toBe(expected);
  });

  test.each<[number, bigint]>([
    [200_000, 200_000n * 2000n + 12_000n],
    [200_001, 200_001n * 4000n + 18_000n],
  ])('of gemini-3.1-pro-preview for %i input tokens follows its band', (inputUncached, expected) => {
    expect(price(usageOf({ inputUncached, outputVisible: 1 }), 'google', 'gemini-3.1-pro-preview', autumn)).toBe(
      expected,
    );
  });

  test.each<[number, bigint]>([
    [100_000, 100_000n * 100n + 500n],
    [100_001, 100_001n * 500n + 2500n],
  ])('of claude-haiku-5-5 for %i input tokens follows its band', (inputUncached, expected) => {
    expect(price(usageOf({ inputUncached, outputVisible: 1 }), 'anthropic', 'claude-haiku-5-5', autumn)).toBe(expected);
  });

  test.each<[ProviderName, string, string, bigint]>([
    ['google', 'gemini-4-argon', '2026-11-30T23:59:59.999Z', 2000n],
    ['google', 'gemini-4-argon', '2026-12-01T00:00:00.000Z', 4000n],
  ])('of %s %s for a token of input at %s is %s', (provider, model, at, expected) => {
    expect(price(usageOf({ inputUncached: 1 }), provider, model, new Date(at))).toBe(expected);
  });

  test.each([
    ['2026-12-31T23:59:59.999Z', 750n],
    ['2027-01-01T00:00:00.000Z', 1500n],
  ])('of gemini-3.8-flash for a call at %s is %s', (at, expected) => {
    expect(price(usageOf({ inputUncached: 1 }), 'google', 'gemini-3.8-flash', new Date(at))).toBe(expected);
  });

  test.each<[string, ProviderName, string, Date, Partial<TokenUsage>]>([
    ['an unknown model', 'openai', 'gpt-99', autumn, {}],
    ['a model of another provider', 'openai', 'claude-opus-5-5', autumn, {}],
    ['a time before its price list', 'openai', 'gpt-6-luna', new Date('2020-01-01'), {}],
    [
      'tokens that the provider has no price for',
      'google',
      'gemini-3.1-pro-preview',
      autumn,
      { inputCacheWriteShort: 1 },
    ],
  ])('is refused for %s', (_what, provider, model, at, usage) => {
    expect(() => price(usageOf(usage), provider, model, at)).toThrow(
      expect.objectContaining({ code: 'llm.unpriced_model' }),
    );
  });
});

describe('every price row', () => {
  const tokens = fc.nat({ max: 500_000 });
  const row = fc.constantFrom(...prices);

  /** Usage in the buckets that the row has a price for. */
  const pricedUsage = (of: (typeof prices)[number]) => {
    const rates = of.bands[0]?.rates;
    const bucket = (name: keyof TokenUsage) => (rates?.[name] === null ? fc.constant(0) : tokens);
    return fc.record<TokenUsage>({
      inputUncached: bucket('inputUncached'),
      inputCacheRead: bucket('inputCacheRead'),
      inputCacheWriteShort: bucket('inputCacheWriteShort'),
      inputCacheWriteLong: bucket('inputCacheWriteLong'),
      inputTool: bucket('inputTool'),
      outputVisible: bucket('outputVisible'),
      outputReasoning: bucket('outputReasoning'),
    });
  };

  const usages = row.chain((of) => fc.tuple(fc.constant(of), pricedUsage(of), pricedUsage(of)));
  const cost = (of: (typeof prices)[number], usage: TokenUsage) => price(usage, of.provider, of.model, of.validFrom);

  const plus = (left: TokenUsage, right: TokenUsage): TokenUsage => ({
    inputUncached: left.inputUncached + right.inputUncached,
    inputCacheRead: left.inputCacheRead + right.inputCacheRead,
    inputCacheWriteShort: left.inputCacheWriteShort + right.inputCacheWriteShort,
    inputCacheWriteLong: left.inputCacheWriteLong + right.inputCacheWriteLong,
    inputTool: left.inputTool + right.inputTool,
    outputVisible: left.outputVisible + right.outputVisible,
    outputReasoning: left.outputReasoning + right.outputReasoning,
  });

  /** An n-th of the usage; small enough to stay in the first band however often it is added. */
  const shrink = (usage: TokenUsage, by: number): TokenUsage =>
    usageOf(Object.fromEntries(Object.entries(usage).map(([bucket, count]) => [bucket, Math.floor(count / by)])));

  test('is never negative, and nothing costs nothing', () => {
    fc.assert(fc.property(usages, ([of, usage]) => expect(cost(of, usage)).toBeGreaterThanOrEqual(0n)));
    prices.forEach((of) => expect(cost(of, usageOf({}))).toBe(0n));
  });

  test('never costs less for more', () => {
    fc.assert(
      fc.property(usages, ([of, usage, more]) =>
        expect(cost(of, plus(usage, more))).toBeGreaterThanOrEqual(cost(of, usage)),
      ),
    );
  });

  test('is never more than the worst case of as many tokens', () => {
    fc.assert(
      fc.property(usages, ([of, usage]) => {
        const { outputVisible, outputReasoning, ...input } = usage;
        const size = {
          inputTokens: Object.values(input).reduce((sum, tokens) => sum + tokens, 0),
          outputTokens: outputVisible + outputReasoning,
        };
        expect(worstCase(size, of, of.validFrom)).toBeGreaterThanOrEqual(cost(of, usage));
      }),
    );
  });

  test('is additive within a band', () => {
    fc.assert(
      fc.property(usages, ([of, left, right]) => {
        const [small, little] = [shrink(left, 50), shrink(right, 50)];
        expect(cost(of, plus(small, little))).toBe(cost(of, small) + cost(of, little));
      }),
    );
  });

  test('says where its price comes from', () => {
    prices.forEach(({ source }) => expect(source).not.toBe(''));
  });

  test('has bands that rise and end with one for any size', () => {
    prices.forEach(({ bands }) => {
      const limits = bands.map(({ maxInputTokens }) => maxInputTokens ?? Infinity);
      expect(limits).toEqual([...new Set(limits)].sort((left, right) => left - right));
      expect(limits.at(-1)).toBe(Infinity);
    });
  });

  test('is the only one of its model at its time (P2)', () => {
    prices.forEach((of) => {
      const same = prices.filter(({ provider, model }) => provider === of.provider && model === of.model);
      const holding = same.filter(
        (other) => other.validFrom <= of.validFrom && (!other.validTo || of.validFrom < other.validTo),
      );
      expect(holding).toEqual([of]);
    });
  });

  test('holds from its first instant up to, and not at, its end', () => {
    prices.forEach((of) => {
      expect(priceRow(of.provider, of.model, of.validFrom)).toBe(of);
      if (of.validTo) expect(priceRow(of.provider, of.model, of.validTo)).not.toBe(of);
      if (of.validTo) expect(priceRow(of.provider, of.model, new Date(of.validTo.getTime() - 1))).toBe(of);
    });
  });
});

test('a model is listed when it has a price at any time', () => {
  expect(isListed('google', 'gemini-3.8-flash')).toBe(true);
  expect(isListed('google', 'gemini-3.8-flsh')).toBe(false);
});
