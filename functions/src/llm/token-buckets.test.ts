import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TokenUsage } from './schemas.ts';
import { usageOf } from './testing/dialects.ts';
import { anthropicUsage, googleUsage, openaiUsage } from './token-buckets.ts';

type Row = readonly [what: string, reported: Record<string, unknown>, buckets: Partial<TokenUsage>];

const total = (usage: TokenUsage) => Object.values(usage).reduce((sum, tokens) => sum + tokens, 0);

const anthropicRows: Row[] = [
  ['plain', { input_tokens: 12, output_tokens: 3 }, { inputUncached: 12, outputVisible: 3 }],
  [
    'explicit nulls and unknown fields',
    {
      input_tokens: 12,
      cache_creation: null,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      output_tokens: 3,
      output_tokens_details: null,
      service_tier: 'standard',
      inference_geo: 'global',
      of_the_future: { tokens: 7 },
    },
    { inputUncached: 12, outputVisible: 3 },
  ],
  [
    'cache read, which comes on top of the input',
    { input_tokens: 12, cache_read_input_tokens: 2048, cache_creation_input_tokens: 0, output_tokens: 3 },
    { inputUncached: 12, inputCacheRead: 2048, outputVisible: 3 },
  ],
  [
    'cache writes of 5 minutes and 1 hour',
    {
      input_tokens: 12,
      cache_creation_input_tokens: 1500,
      cache_creation: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 1000 },
      output_tokens: 3,
    },
    { inputUncached: 12, inputCacheWriteShort: 500, inputCacheWriteLong: 1000, outputVisible: 3 },
  ],
  [
    'cache writes that are not split',
    { input_tokens: 12, cache_creation_input_tokens: 1500, output_tokens: 3 },
    { inputUncached: 12, inputCacheWriteShort: 1500, outputVisible: 3 },
  ],
  [
    'thinking, which is part of the output',
    { input_tokens: 12, output_tokens: 900, output_tokens_details: { thinking_tokens: 850 } },
    { inputUncached: 12, outputVisible: 50, outputReasoning: 850 },
  ],
];

const openaiRows: Row[] = [
  ['plain', { input_tokens: 12, output_tokens: 3, total_tokens: 15 }, { inputUncached: 12, outputVisible: 3 }],
  [
    'cache reads and writes, which are part of the input',
    {
      input_tokens: 3000,
      input_tokens_details: { cached_tokens: 1024, cache_write_tokens: 1900 },
      output_tokens: 3,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 3003,
    },
    { inputUncached: 76, inputCacheRead: 1024, inputCacheWriteShort: 1900, outputVisible: 3 },
  ],
  [
    'cache writes of 30 minutes and 12 hours',
    {
      input_tokens: 3000,
      input_tokens_details: {
        cached_tokens: 0,
        cache_write_tokens: 2900,
        cache_write_tokens_details: { ttl_12h_tokens: 2000, ttl_30m_tokens: 900 },
      },
      output_tokens: 3,
      total_tokens: 3003,
    },
    { inputUncached: 100, inputCacheWriteShort: 900, inputCacheWriteLong: 2000, outputVisible: 3 },
  ],
  [
    'reasoning, which is part of the output',
    {
      input_tokens: 12,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 900,
      output_tokens_details: { reasoning_tokens: 850 },
      total_tokens: 912,
    },
    { inputUncached: 12, outputVisible: 50, outputReasoning: 850 },
  ],
];

const googleRows: Row[] = [
  [
    'plain',
    { promptTokenCount: 12, candidatesTokenCount: 3, totalTokenCount: 15, trafficType: 'ON_DEMAND' },
    { inputUncached: 12, outputVisible: 3 },
  ],
  ['a prompt that got no answer', { promptTokenCount: 12, totalTokenCount: 12 }, { inputUncached: 12 }],
  [
    'cached content, which is part of the prompt',
    { promptTokenCount: 3000, cachedContentTokenCount: 2048, candidatesTokenCount: 3, totalTokenCount: 3003 },
    { inputUncached: 952, inputCacheRead: 2048, outputVisible: 3 },
  ],
  [
    'thoughts, which come on top of the candidates',
    { promptTokenCount: 12, candidatesTokenCount: 50, thoughtsTokenCount: 850, totalTokenCount: 912 },
    { inputUncached: 12, outputVisible: 50, outputReasoning: 850 },
  ],
  [
    'tool results, which come on top of the prompt',
    { promptTokenCount: 12, toolUsePromptTokenCount: 400, candidatesTokenCount: 3, totalTokenCount: 415 },
    { inputUncached: 12, inputTool: 400, outputVisible: 3 },
  ],
];

const tokens = fc.nat({ max: 1_000_000 });

describe('Anthropic usage', () => {
  test.each(anthropicRows)('is sorted into the buckets that have prices: %s', (_what, reported, buckets) => {
    expect(anthropicUsage.parse(reported)).toEqual(usageOf(buckets));
  });

  test('the buckets add up to input, cache and output (T1)', () => {
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, tokens, tokens, (input, read, short, long, visible, thinking) => {
        const usage = anthropicUsage.parse({
          input_tokens: input,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: short + long,
          cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
          output_tokens: visible + thinking,
          output_tokens_details: { thinking_tokens: thinking },
        });
        expect(total(usage)).toBe(input + read + short + long + visible + thinking);
      }),
    );
  });

  test.each([
    ['more thinking than output', { input_tokens: 1, output_tokens: 3, output_tokens_details: { thinking_tokens: 4 } }],
    [
      'a part of the cache writes larger than all',
      {
        input_tokens: 1,
        cache_creation_input_tokens: 1,
        cache_creation: { ephemeral_1h_input_tokens: 2 },
        output_tokens: 1,
      },
    ],
    ['no output count', { input_tokens: 1 }],
    ['a fraction', { input_tokens: 1.5, output_tokens: 1 }],
    ['a negative count', { input_tokens: -1, output_tokens: 1 }],
  ])('is rejected with %s', (_what, reported) => {
    expect(anthropicUsage.safeParse(reported).success).toBe(false);
  });
});

describe('OpenAI usage', () => {
  test.each(openaiRows)('is sorted into the buckets that have prices: %s', (_what, reported, buckets) => {
    const usage = openaiUsage.parse(reported);

    expect(usage).toEqual(usageOf(buckets));
    expect(total(usage)).toBe(reported['total_tokens']);
  });

  test.each([
    ['a total that is not the sum', { input_tokens: 12, output_tokens: 3, total_tokens: 16 }],
    [
      'more cached than all input',
      { input_tokens: 12, input_tokens_details: { cached_tokens: 13 }, output_tokens: 3, total_tokens: 15 },
    ],
    [
      'more reasoning than output',
      { input_tokens: 12, output_tokens: 3, output_tokens_details: { reasoning_tokens: 4 }, total_tokens: 15 },
    ],
    ['no total', { input_tokens: 12, output_tokens: 3 }],
  ])('is rejected with %s', (_what, reported) => {
    expect(openaiUsage.safeParse(reported).success).toBe(false);
  });
});

describe('Google usage', () => {
  test.each(googleRows)('is sorted into the buckets that have prices: %s', (_what, reported, buckets) => {
    const usage = googleUsage.parse(reported);

    expect(usage).toEqual(usageOf(buckets));
    expect(total(usage)).toBe(reported['totalTokenCount']);
  });

  test.each([
    ['a total that is not the sum', { promptTokenCount: 12, candidatesTokenCount: 3, totalTokenCount: 16 }],
    ['more cached than prompt', { promptTokenCount: 12, cachedContentTokenCount: 13, totalTokenCount: 12 }],
    ['no total', { promptTokenCount: 12 }],
  ])('is rejected with %s', (_what, reported) => {
    expect(googleUsage.safeParse(reported).success).toBe(false);
  });
});
