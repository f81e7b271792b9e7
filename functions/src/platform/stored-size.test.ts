import { expect, test } from '@jest/globals';
import { storedBytes } from './stored-size.ts';

test.each([
  ['é', 3],
  [1, 8],
  [true, 1],
  [null, 1],
  [[1, 2, 'a'], 18],
  [{ done: false }, 32 + 6],
  [{ a: { b: [1] } }, 32 + 2 + 32 + 2 + 8],
])('%j takes %i bytes', (value, bytes) => {
  expect(storedBytes(value)).toBe(bytes);
});
