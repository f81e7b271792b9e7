import { describe, expect, test } from '@jest/globals';
import { AppError, type ErrorRow } from '../platform/errors.ts';
import { storeErrors } from '../platform/firestore.ts';
import { onConflict } from './on-conflict.ts';

/** Fails so many times before it answers with how often it was asked. */
const failing = (times: number, row: ErrorRow) => {
  let asked = 0;
  return () => {
    asked++;
    return asked <= times ? Promise.reject(new AppError(row)) : Promise.resolve(asked);
  };
};

describe('a decision that meets another writer', () => {
  test.each(['conflict', 'exists'] as const)('is taken anew when the commit fails with %s', async (name) => {
    await expect(onConflict(failing(3, storeErrors[name]))).resolves.toBe(4);
  });

  test.each(['conflict', 'exists'] as const)('is given up after eight tries that fail with %s', async (name) => {
    const attempt = failing(8, storeErrors[name]);
    await expect(onConflict(attempt)).rejects.toMatchObject({ row: storeErrors[name] });
    await expect(attempt()).resolves.toBe(9);
  });

  test('is not taken again for any other error', async () => {
    const attempt = failing(1, storeErrors.unavailable);
    await expect(onConflict(attempt)).rejects.toMatchObject({ row: storeErrors.unavailable });
    await expect(attempt()).resolves.toBe(2);
  });

  test('looks anew by its second way from the second try on', async () => {
    const first = failing(9, storeErrors.conflict);
    const again = failing(1, storeErrors.conflict);
    await expect(onConflict(first, again)).resolves.toBe(2);
    await expect(onConflict(first, again)).resolves.toBe(3);
  });
});
