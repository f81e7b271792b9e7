import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clip, counted, dollars, fit, manyLines, oneLine, seconds, widthOf, wrap } from './text.ts';

describe('dollars', () => {
  test.each([
    [0n, '$0.000000'],
    [1n, '$0.000000001'],
    [499n, '$0.000000499'],
    [500n, '$0.000001'],
    [4_210_000n, '$0.004210'],
    [4_210_499n, '$0.004210'],
    [4_210_500n, '$0.004211'],
    [999_999_500n, '$1.000000'],
    [12_345_678_900_000n, '$12345.678900'],
    [-4_210_000n, '-$0.004210'],
  ])('%d nano-USD are %s', (nanoUsd, text) => {
    expect(dollars(nanoUsd)).toBe(text);
  });

  test('is never off by more than half a millionth of a dollar, and never shows a cost as zero', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 18n }), (nanoUsd) => {
        const [whole = '', fraction = ''] = dollars(nanoUsd).slice(1).split('.');
        const shown = BigInt(whole + fraction.padEnd(9, '0'));
        const error = shown - nanoUsd;
        expect(error <= 500n && error >= -500n && shown > 0n).toBe(true);
      }),
    );
  });
});

test('counts take the plural and separate thousands', () => {
  expect([counted(1, 'call'), counted(12_345, 'token'), counted(0, 'repair')]).toEqual([
    '1 call',
    '12,345 tokens',
    '0 repairs',
  ]);
});

test('a duration has one digit and is never negative, whatever the clocks say', () => {
  expect([seconds(1_250), seconds(-5)]).toEqual(['1.3 s', '0.0 s']);
});

test('text from a model cannot move the cursor, clear the screen or add a line', () => {
  expect(oneLine('a\u001b[2Jb\r\n\tc\u0007\u0008d')).toBe('ab c d');
  expect(manyLines('# a\u001b[31m\r\n\nb\u0000c')).toEqual(['# a', '', 'b c']);
});

test('a clipped text marks the cut and does not split what is one character to a reader', () => {
  expect([clip('endpoint', 8), clip('endpoints', 8), clip('👩‍🔬👩‍🔬👩‍🔬', 3)]).toEqual(['endpoint', 'endpoin…', '👩‍🔬…']);
});

test('a fitted text has exactly the wanted width', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'é', '日', '👩‍🔬', ' ') }),
      fc.integer({ min: 1, max: 40 }),
      (text, width) => {
        expect(widthOf(fit(text, width))).toBe(width);
      },
    ),
  );
});

test('characters of two columns count as two', () => {
  expect([widthOf('日本語'), fit('日本語のタイトル', 12), fit('日本語', 8)]).toEqual([6, '日本語のタ… ', '日本語  ']);
});

test('a wrapped text has no line wider than asked, and loses no word that fits', () => {
  expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'word', '日本'), { minLength: 1 }),
      fc.integer({ min: 4, max: 20 }),
      (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join(' ')).toBe(words.join(' '));
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true);
      },
    ),
  );
});
