import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { characterFromText, characterOptions, natural, readCharacter, shows, thinkingTokens } from './character.ts';

const work = (task: string) => ({ task, assignment: 'Define the API', purpose: 'openapi', round: 0, again: false });
const traits = ['decisions', 'objections', 'questions', 'errors', 'refusals'] as const;
const texts = Array.from({ length: 400 }, (_, index) => `Task ${index}`);

describe('a character', () => {
  test('shows the same traits for the same seed and work, whatever was asked before', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.constantFrom(...traits), (seed, task, trait) => {
        const character = characterOptions.parse({ seed, [trait]: 0.5 });
        expect(shows(character, trait, work(task))).toBe(shows(character, trait, work(task)));
      }),
    );
  });

  test.each(traits)('shows %s in the share of works that its rate says, and none at rate 0', (trait) => {
    const share = (rate: number, seed = 1) =>
      texts.filter((task) => shows(characterOptions.parse({ seed, [trait]: rate }), trait, work(task))).length /
      texts.length;
    expect(share(0)).toBe(0);
    expect(share(1)).toBe(1);
    expect(share(0.3)).toBeGreaterThan(0.2);
    expect(share(0.3)).toBeLessThan(0.4);
  });

  test('shows other traits for another seed', () => {
    const shown = (seed: number) => texts.map((task) => shows({ ...natural, seed }, 'decisions', work(task)));
    expect(shown(1)).not.toEqual(shown(2));
  });

  test('thinks more at higher effort, not at all at none, and never beyond the budget', () => {
    const tokens = (['none', 'low', 'medium', 'high', 'max'] as const).map((effort) =>
      thinkingTokens(natural, work('A task'), { effort }),
    );
    expect(tokens[0]).toBe(0);
    expect(tokens).toEqual(tokens.toSorted((first, second) => first - second));
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(thinkingTokens(natural, work('A task'), { effort: 'max', budget: 100 })).toBe(100);
  });

  test('is read from a word or from JSON', () => {
    expect(characterFromText('natural')).toEqual(natural);
    expect(characterFromText('{"seed": 3, "errors": 0.5}')).toMatchObject({ seed: 3, errors: 0.5, decisions: 0 });
    for (const bad of ['wild', '{"errors": 2}', '{"temper": 1}']) expect(() => characterFromText(bad)).toThrow();
    expect(() => readCharacter({ errors: -1 })).toThrow();
  });
});
