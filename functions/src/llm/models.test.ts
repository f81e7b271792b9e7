import { describe, expect, test } from '@jest/globals';
import { models, modelRow, outputLimit } from './models.ts';
import { prices } from './prices.ts';

const named = ({ provider, model }: { provider: string; model: string }) => `${provider} ${model}`;

test('every model with a price has a row, and every row a price (M1)', () => {
  expect(new Set(models.map(named))).toEqual(new Set(prices.map(named)));
});

describe('the output limit', () => {
  test.each([
    ['claude-sonnet-5-5', 'low', 1_000, 9_000],
    ['claude-sonnet-5-5', 'high', 32_000, 80_000],
    // It does not think unless it is asked to, so there is no room for it.
    ['claude-haiku-4-5', 'high', 32_000, 32_000],
    ['claude-haiku-4-5', 'low', 100_000, 64_000],
  ] as const)('of %s at effort %s for %i tokens is %i', (model, effort, answerTokens, limit) => {
    const row = modelRow('anthropic', model);
    expect(row && outputLimit(row, { answerTokens, effort })).toBe(limit);
  });

  test('leaves more room than the answer needs wherever a model thinks', () => {
    for (const row of models.filter(({ thinking }) => thinking !== 'none')) {
      expect(outputLimit(row, { answerTokens: 1_000, effort: 'low' })).toBeGreaterThan(4_000);
    }
  });
});
