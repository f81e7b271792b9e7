import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { fieldErrors } from './field-errors.ts';

const errorsOf = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value);
  return error ? fieldErrors(error) : [];
};
const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 0]));

test('each failing field and each unknown one has its pointer', () => {
  const schema = z.strictObject({ 'a/b': z.object({ '~': z.int() }) });
  expect(errorsOf(schema, { 'a/b': { '~': 'x' }, c: 1, d: 2 })).toEqual([
    { pointer: '#/a~1b/~0', detail: 'Invalid input: expected number, received string' },
    { pointer: '#/c', detail: 'is not a known field' },
    { pointer: '#/d', detail: 'is not a known field' },
  ]);
});

test('many unknown fields of an object are one short error', () => {
  const schema = z.object({ inner: z.strictObject({}) });
  const [error, ...others] = errorsOf(schema, { inner: { ['x'.repeat(100_000)]: 1, ...fields(95_000) } });
  expect(others).toEqual([]);
  expect(error?.pointer).toBe('#/inner');
  expect(error?.detail).toMatch(/^has 95001 fields that are not known: x{40}, k0, k1, .* and so on$/);
  expect(error?.detail.length).toBeLessThan(200);
});
