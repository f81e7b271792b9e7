import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findExcess, findSyntaxError } from './json-text.ts';

const none = Number.POSITIVE_INFINITY;

describe('findExcess', () => {
  test.each([
    ['[[[]]]', 3, false],
    ['[[[]]]', 2, true],
    ['{"a":{"b":[1]}}', 3, false],
    ['{"a":{"b":[1]}}', 2, true],
    ['"[[[["', 0, false],
    ['["\\"[[["]', 1, false],
    ['["\\\\",["x"]]', 1, true],
    ['[[],[],[]]', 2, false],
  ])('%s is deeper than %i: %s', (text, limit, deeper) => {
    expect(findExcess(text, { depth: limit, values: none })).toBe(deeper ? 'depth' : null);
  });

  test('takes any depth without a deep stack', () => {
    expect(findExcess('['.repeat(1_000_000), { depth: 999_999, values: none })).toBe('depth');
  });

  test.each([
    ['1', 1],
    ['[1,2]', 3],
    ['{"a":1,"b":[true]}', 4],
    ['[[1],[2]]', 5],
    ['"a,b,[c]"', 1],
    ['["\\",","]', 3],
  ])('%s has %i values', (text, values) => {
    expect(findExcess(text, { depth: none, values })).toBeNull();
    expect(findExcess(text, { depth: none, values: values - 1 })).toBe('values');
  });
});

const accepts = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('findSyntaxError', () => {
  test('finds nothing exactly where JSON.parse finds nothing', () => {
    const fragment = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ':',
        ',',
        '"a"',
        '"',
        '"\\u00e9"',
        '"\\x"',
        '1',
        '-',
        '01',
        '1.5e3',
        'true',
        'nul',
        'null',
        ' ',
        '\n',
        'é',
      ],
    );
    const text = fc.oneof(
      fc.json(),
      fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (each) => {
        expect(findSyntaxError(each) === undefined).toBe(accepts(each));
      }),
      { numRuns: 2_000 },
    );
  });

  test('finds nothing in a valid text, an error in every valid text that is cut short', () => {
    const container = fc.json().filter((text) => text.startsWith('[') || text.startsWith('{'));
    fc.assert(
      fc.property(container, fc.nat(), (text, cut) => {
        expect(findSyntaxError(text)).toBeUndefined();
        expect(findSyntaxError(text.slice(0, cut % text.length))).toBeDefined();
      }),
    );
  });

  test.each([
    ['{"a": 1,}', 1, 9],
    ['{"a" 1}', 1, 6],
    ['{\n  "a": tru\n}', 2, 8],
    ['[1, 2', 1, 6],
    ['[1] 2', 1, 5],
    ['', 1, 1],
    ["{'a': 1}", 1, 2],
    ['["a\nb"]', 1, 2],
    ['{"a": 1]', 1, 8],
  ])('%j breaks at line %i, column %i', (text, line, column) => {
    expect(findSyntaxError(text)).toEqual({ line, column });
  });
});
