import { OpenAPIHono, z } from '@hono/zod-openapi';
import { describe, expect, test } from '@jest/globals';
import { boundedArray, boundedJsonObject, boundedRecord, isWithin } from './bounded.ts';

/** A schema that counts how often it is asked to parse. */
const counted = () => {
  const seen = { times: 0 };
  const schema = z.string().refine(() => {
    seen.times += 1;
    return true;
  });
  return { seen, schema };
};

const messages = (result: z.ZodSafeParseResult<unknown>) => result.error?.issues.map(({ message }) => message);
const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, 'x']));
const items = (count: number) => Array.from({ length: count }, () => 'x');

const shapes = {
  plain: (schema: z.ZodArray) => schema,
  'with a minimum': (schema: z.ZodArray) => schema.min(1),
  described: (schema: z.ZodArray) => schema.meta({ description: 'Some.' }),
  refined: (schema: z.ZodArray) => schema.refine((list) => list.every((item) => typeof item === 'string')),
  optional: (schema: z.ZodArray) => schema.optional(),
  'with a default': (schema: z.ZodArray) => schema.default([]),
  'in an object': (schema: z.ZodArray) => z.strictObject({ list: schema }),
};

describe('an array', () => {
  test.each(Object.entries(shapes))('that is too long has no item parsed beyond its maximum: %s', (name, shape) => {
    const { seen, schema } = counted();
    const whole = shape(boundedArray(schema, 3));
    const wrap = (list: unknown) => (name === 'in an object' ? { list } : list);
    expect(messages(whole.safeParse(wrap(items(90_000))))).toEqual(['must have at most 3 items']);
    expect(seen.times).toBe(3);
    expect(whole.safeParse(wrap(items(3))).success).toBe(true);
    expect(seen.times).toBe(6);
  });

  test('may be bounded closer by a copy', () => {
    const { seen, schema } = counted();
    expect(boundedArray(schema, 10).max(2).safeParse(items(3)).success).toBe(false);
    expect(seen.times).toBe(2);
  });

  test('says so within a union, too', () => {
    const schema = z.union([z.string(), boundedArray(z.string(), 3)]);
    expect(messages(schema.safeParse(items(4)))).toEqual(['must have at most 3 items']);
  });

  test('is still refused when it is no array, or its items do not fit', () => {
    expect(messages(boundedArray(z.int(), 3).safeParse({}))).toEqual([
      'Invalid input: expected array, received object',
    ]);
    expect(messages(boundedArray(z.int(), 3).safeParse([1, 'x']))).toEqual([
      'Invalid input: expected number, received string',
    ]);
  });
});

describe('a map', () => {
  test('that has too many fields has no key and value parsed beyond its maximum', () => {
    const [key, value] = [counted(), counted()];
    const schema = boundedRecord(key.schema, value.schema, 3).meta({ description: 'Some.' }).optional();
    expect(messages(schema.safeParse(fields(90_000)))).toEqual(['must have at most 3 fields']);
    expect([key.seen.times, value.seen.times]).toEqual([3, 3]);
    expect(schema.safeParse(fields(3)).success).toBe(true);
    expect([key.seen.times, value.seen.times]).toEqual([6, 6]);
  });

  test('is still refused when it is no map, or its values do not fit', () => {
    const schema = boundedRecord(z.string().max(2), z.int(), 3);
    expect(messages(schema.safeParse([1]))).toEqual(['Invalid input: expected record, received array']);
    expect(messages(schema.safeParse(null))).toEqual(['Invalid input: expected record, received null']);
    expect(schema.safeParse({ abc: 1 }).success).toBe(false);
    expect(schema.safeParse({ ab: 'x' }).success).toBe(false);
  });
});

test('the OpenAPI document and a JSON schema say the bounds', () => {
  const schema = z.object({
    list: boundedArray(z.string(), 7).min(1).meta({ description: 'A list.' }),
    map: boundedRecord(z.string(), z.int(), 5).meta({ description: 'A map.' }).optional(),
  });
  const api = new OpenAPIHono();
  api.openAPIRegistry.register('Bounds', schema);
  const document = api.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Bounds', version: '1' } });
  for (const written of [document.components?.schemas?.['Bounds'], z.toJSONSchema(schema)]) {
    expect(written).toMatchObject({
      properties: {
        list: { type: 'array', minItems: 1, maxItems: 7, description: 'A list.' },
        map: { type: 'object', maxProperties: 5, description: 'A map.' },
      },
    });
  }
});

const most = { nodes: 10, depth: 3, characters: 20 };
const sizes: [string, unknown, boolean][] = [
  ['a number', 1, true],
  ['ten values', items(9), true],
  ['eleven values', items(10), false],
  ['eleven values, at several depths', { a: items(4), b: items(4) }, false],
  ['three levels', { a: { b: {} } }, true],
  ['four levels', { a: { b: { c: {} } } }, false],
  ['twenty characters in keys and texts', { abcde: 'x'.repeat(15) }, true],
  ['twenty-one characters in keys and texts', { abcdef: 'x'.repeat(15) }, false],
  ['indices, which are no keys', ['x'.repeat(20)], true],
];

test.each(sizes)('the size of a JSON value: %s', (_, value, fits) => {
  expect(isWithin(value, most)).toBe(fits);
});

test('a free JSON object is bounded in all of its parts', () => {
  const schema = boundedJsonObject(2, most);
  expect(schema.safeParse({ a: 1, b: [true, null] }).success).toBe(true);
  expect(schema.safeParse(fields(3)).success).toBe(false);
  expect(schema.safeParse({ a: items(10) }).success).toBe(false);
});
