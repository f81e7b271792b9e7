import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diffLines, type DiffLine } from './line-diff.ts';

const text = (lines: readonly DiffLine[], without: DiffLine['op']) =>
  lines.flatMap((line) => (line.op === without ? [] : [line.text])).join('\n');

const show = (before: string, after: string) =>
  diffLines(before, after).map(({ op, text }) => `${{ same: ' ', removed: '-', added: '+' }[op]}${text}`);

const anyText = fc
  .array(fc.constantFrom('', 'a', 'b', 'c'), { minLength: 1, maxLength: 12 })
  .map((lines) => lines.join('\n'));

/** By definition, without a table. */
const longestCommon = (a: readonly string[], b: readonly string[]): number => {
  const [x, ...restA] = a;
  const [y, ...restB] = b;
  if (x === undefined || y === undefined) return 0;
  return x === y ? 1 + longestCommon(restA, restB) : Math.max(longestCommon(restA, b), longestCommon(a, restB));
};

describe('the difference of two texts', () => {
  test('holds both of them, whatever they are (D1)', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string()), fc.oneof(anyText, fc.string()), (before, after) => {
        const lines = diffLines(before, after);
        expect(text(lines, 'added')).toBe(before);
        expect(text(lines, 'removed')).toBe(after);
      }),
    );
  });

  test('keeps as many lines as possible (D2)', () => {
    const short = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(short, short, (before, after) => {
        const same = diffLines(before.join('\n'), after.join('\n')).filter(({ op }) => op === 'same');
        expect(same.length).toBe(longestCommon(before, after));
      }),
    );
  });

  test('shows what is removed before what comes in its place', () => {
    expect(show('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d']);
  });

  test('of changed parts too long to search replaces them as a whole, and still holds both texts (D1, D2)', () => {
    const many = (word: string) =>
      ['first', ...Array.from({ length: 1_100 }, (_, index) => `${word} ${index}`), 'last'].join('\n');
    const lines = diffLines(many('before'), many('after'));
    expect([text(lines, 'added'), text(lines, 'removed')]).toEqual([many('before'), many('after')]);
    expect(lines.filter(({ op }) => op === 'same').map(({ text }) => text)).toEqual(['first', 'last']);
  });
});
