import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from './json-text.ts';

const place = (text: string) => {
  const read = parseJson(text);
  return read.ok ? null : read.findings[0]?.where;
};

const parses = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

// Characters that JSON is made of, so that most texts are nearly JSON.
const nearlyJson = fc.string({
  unit: fc.constantFrom(...Array.from('{}[]",:\\/ \n\tu0019-+.eEtrufalsn')),
  maxLength: 30,
});

describe('parseJson', () => {
  test('reads every JSON value as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) =>
        expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown }),
      ),
    );
  });

  test('accepts a text exactly when JSON.parse does', () => {
    fc.assert(
      fc.property(nearlyJson, (text) => expect(parseJson(text).ok).toBe(parses(text))),
      { numRuns: 3000 },
    );
  });

  test('accepts a damaged document exactly when JSON.parse does', () => {
    const damaged = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '0'));
    fc.assert(
      fc.property(damaged, ([text, at, insert]) => {
        const cut = at % (text.length + 1);
        const changed = `${text.slice(0, cut)}${insert}${text.slice(cut + 1)}`;
        expect(parseJson(changed).ok).toBe(parses(changed));
      }),
    );
  });

  test.each([
    ['', '1:1'],
    ['hello', '1:1'],
    ['{"a": 1,\n  b: 2}', '2:3'],
    ['{"a": 1,}', '1:9'],
    ['[1, 2', '1:6'],
    ['{"a": "line\nbreak"}', '1:7'],
    ['{"a": 1} {"b": 2}', '1:10'],
    ['{"a": 01}', '1:8'],
  ])('tells where %j stops being JSON', (text, where) => {
    expect(place(text)).toBe(where);
  });

  test('takes a hundred levels and refuses more, however many there are', () => {
    expect(parseJson('['.repeat(100) + ']'.repeat(100)).ok).toBe(true);
    expect(place('['.repeat(101) + ']'.repeat(101))).toBe('1:101');
    expect(place('{"a":'.repeat(200_000))).toBe('1:501');
  });
});
