import { expect, test } from '@jest/globals';
import { withNumbers } from './numbers.ts';

const largest = BigInt(Number.MAX_SAFE_INTEGER);

test.each<[unknown, unknown]>([
  [0n, 0],
  [largest, Number.MAX_SAFE_INTEGER],
  [-largest, -Number.MAX_SAFE_INTEGER],
  [largest + 1n, largest + 1n],
  [-largest - 1n, -largest - 1n],
  [1.5, 1.5],
  ['1', '1'],
  [null, null],
  [
    [1n, [2n]],
    [1, [2]],
  ],
  [{ a: { b: 3n } }, { a: { b: 3 } }],
])('every safe integer becomes a number, at any depth, and no other does (case %#)', (value, expected) => {
  expect(withNumbers(value)).toEqual(expected);
});

test('what is no plain value stays what it is', () => {
  const at = new Date();
  expect((withNumbers({ at }) as { at: Date }).at).toBe(at);
});
