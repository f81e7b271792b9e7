import { expect, test } from '@jest/globals';
import { cutText } from './cut-text.ts';
import { findUnstorable, isStorableText, withStorableNames } from './storable.ts';

const half = '\ud83d';

test.each<[unknown, string[]]>([
  ['plain, 日本語, 🦊', []],
  [{ title: `half ${half}` }, ['#/title']],
  [{ title: '\ude00 the other half' }, ['#/title']],
  [{ title: 'a\0b' }, ['#/title']],
  [{ list: ['good', [half]], other: '\0' }, ['#/list/1/0', '#/other']],
  [{ 'a/b': { '~': half } }, ['#/a~1b/~0']],
  [{ '': 1 }, ['#/']],
  [JSON.parse('{"__proto__": 1}'), ['#/__proto__']],
  [{ __id7__: 1, _single_: 1, __open: 1 }, ['#/__id7__']],
  [{ '__a\nb__': 1 }, ['#/__a\nb__']],
  [{ [half]: half }, ['#/\ufffd', '#/\ufffd']],
  [{ ['é'.repeat(750)]: 1 }, []],
  [half, ['#']],
  [[1, null, true, {}], []],
])('what cannot be stored is named by its place, and nothing else is (case %#)', (input, pointers) => {
  expect(findUnstorable(input).map(({ pointer }) => pointer)).toEqual(pointers);
});

test('a name of more bytes than the database takes is refused', () => {
  expect(findUnstorable({ ['é'.repeat(751)]: 1 })).toMatchObject([
    { detail: 'must have a name of at most 1500 bytes' },
  ]);
});

test('of many faults a hundred are named', () => {
  expect(findUnstorable(Array.from({ length: 5_000 }, () => '\0'))).toHaveLength(100);
});

test('JSON that is nested deeper than the stack is looked through in no more time than it takes to parse', () => {
  const depth = 200_000;
  const deep: unknown = JSON.parse(`${'['.repeat(depth)}"\\u0000"${']'.repeat(depth)}`);
  expect(findUnstorable(deep)).toHaveLength(1);
});

test('of entries those stay whose names can be stored', () => {
  const entries = { org: 'acme', '': 'a', __reserved__: 'b', [half]: 'c' };
  expect(withStorableNames(entries)).toEqual({ org: 'acme' });
});

test('a text that is cut can be stored wherever the cut falls', () => {
  for (let length = 0; length <= 6; length += 1) expect(isStorableText(cutText('a🦊b🦊', length))).toBe(true);
  expect(cutText('a🦊b', 3)).toBe('a🦊');
});
