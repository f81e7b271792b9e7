import { expect, test } from '@jest/globals';
import { isTokenOf, leaseMark } from './lease-mark.ts';

test('a token is recognised by its mark, and another token is not', () => {
  expect(isTokenOf(leaseMark('secret'), 'secret')).toBe(true);
  expect(isTokenOf(leaseMark('secret'), 'guessed')).toBe(false);
});

test('the mark that everybody can read is no token', () => {
  expect(isTokenOf(leaseMark('secret'), leaseMark('secret'))).toBe(false);
});

test('a lease from before tokens were hashed still counts', () => {
  expect(isTokenOf('2f6f1c1e-6a0e-4a52-9d0c-2f8f3f1f5c1e', '2f6f1c1e-6a0e-4a52-9d0c-2f8f3f1f5c1e')).toBe(true);
  expect(isTokenOf('2f6f1c1e-6a0e-4a52-9d0c-2f8f3f1f5c1e', 'guessed')).toBe(false);
});
