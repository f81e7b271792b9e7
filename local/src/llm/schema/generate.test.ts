import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import type { JsonSchema } from '../prompt.ts';
import { seededRandom } from '../random.ts';
import { subjectOf } from '../subject.ts';
import { generate, type Hint } from './generate.ts';

const subject = subjectOf('Add an endpoint that extracts metadata from documents');

const valueOf = (schema: JsonSchema, seed = 1, hint?: Hint) =>
  generate({ schema, random: seededRandom(seed), subject, ...(hint && { hint }) });

const problemsOf = (schema: JsonSchema, value: unknown) =>
  z.fromJSONSchema(schema).safeParse(value).error?.issues ?? [];

const bounds = (low: number, high: number) =>
  fc
    .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: 0, max: 12 }))
    .map(([from, more]) => [from, from + more]);

const names = fc.constantFrom('id', 'title', 'summary', 'state', 'count', 'a/b', 'nested');

const stringSchema = fc.oneof(
  bounds(0, 300).map(([minLength, maxLength]) => ({ type: 'string', minLength, maxLength })),
  fc.constantFrom('date-time', 'date', 'uri', 'email', 'uuid', 'ipv4').map((format) => ({ type: 'string', format })),
  fc
    .constantFrom('^[a-z]+$', '^[a-z0-9][a-z0-9_-]{0,63}$', '^\\d+$', '^[0-9a-f]{64}$', '^\\d+\\.\\d+\\.\\d+$', '^/')
    .map((pattern) => ({ type: 'string', pattern })),
);

const numberSchema = fc.oneof(
  bounds(-500, 500).map(([minimum, maximum]) => ({ type: 'integer', minimum, maximum })),
  bounds(-500, 500).map(([minimum, maximum]) => ({ type: 'number', minimum, maximum })),
  fc.integer({ min: -50, max: 50 }).map((exclusiveMinimum) => ({ type: 'integer', exclusiveMinimum })),
  fc.integer({ min: -50, max: 50 }).map((exclusiveMaximum) => ({ type: 'number', exclusiveMaximum })),
  fc.integer({ min: 2, max: 9 }).map((multipleOf) => ({ type: 'integer', multipleOf })),
);

const fixedSchema = fc.oneof(
  fc.constantFrom<JsonSchema>({ type: 'boolean' }, { type: 'null' }, { const: 7 }, { const: 'fixed' }),
  fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }).map((values) => ({ type: 'string', enum: values })),
  fc.constantFrom<JsonSchema>({ $ref: '#/$defs/Label' }, { $ref: '#/$defs/Tree' }),
);

const { schema: anySchema } = fc.letrec<{
  schema: JsonSchema;
  array: JsonSchema;
  object: JsonSchema;
  union: JsonSchema;
}>((tie) => ({
  schema: fc.oneof({ maxDepth: 4 }, fixedSchema, stringSchema, numberSchema, tie('array'), tie('object'), tie('union')),
  array: fc
    .tuple(tie('schema'), bounds(0, 5))
    .map(([items, [minItems, maxItems]]) => ({ type: 'array', items, minItems, maxItems })),
  object: fc.tuple(fc.dictionary(names, tie('schema'), { maxKeys: 5 }), fc.boolean()).map(([properties, isStrict]) => ({
    type: 'object',
    properties,
    required: Object.keys(properties).filter((_, index) => index % 2 === 0),
    ...(isStrict && { additionalProperties: false }),
  })),
  union: fc
    .tuple(fc.constantFrom('anyOf', 'oneOf'), tie('schema'))
    .map(([keyword, option]) => ({ [keyword]: keyword === 'anyOf' ? [option, { type: 'null' }] : [option] })),
}));

const $defs = {
  Label: { type: 'string', minLength: 3, maxLength: 5 },
  Tree: {
    type: 'object',
    properties: { label: { $ref: '#/$defs/Label' }, children: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
    required: ['label', 'children'],
    additionalProperties: false,
  },
};

describe('a generated value', () => {
  test('fits the schema, whatever the schema', () => {
    fc.assert(
      fc.property(anySchema, fc.nat(), (part, seed) => {
        const schema = { type: 'object', properties: { part }, required: ['part'], $defs };
        expect(problemsOf(schema, valueOf(schema, seed))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('is the same for the same seed', () => {
    fc.assert(
      fc.property(anySchema, fc.nat(), (part, seed) => {
        const schema = { ...part, $defs };
        expect(valueOf(schema, seed)).toEqual(valueOf(schema, seed));
      }),
    );
  });

  test.each<[string, JsonSchema]>([
    ['tuples', { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'boolean' }], minItems: 2, maxItems: 2 }],
    ['maps', { type: 'object', additionalProperties: { type: 'number', minimum: 1 } }],
    [
      'maps of known names',
      { type: 'object', propertyNames: { enum: ['a', 'b'] }, additionalProperties: { type: 'string' } },
    ],
    [
      'parts that are joined',
      {
        allOf: [
          { type: 'object', properties: { a: { const: 1 } }, required: ['a'] },
          { properties: { b: { const: 2 } }, required: ['b'] },
        ],
      },
    ],
    ['a type that may be null', { type: ['string', 'null'], minLength: 4 }],
    ['no type at all', { properties: { list: { items: { minimum: 3 } } }, required: ['list'] }],
    ['any value', {}],
  ])('fits %s', (_, schema) => {
    expect(problemsOf(schema, valueOf(schema))).toEqual([]);
  });

  test('is finite where a schema requires itself', () => {
    const schema = {
      $ref: '#/$defs/Endless',
      $defs: { Endless: { type: 'object', properties: { next: { $ref: '#/$defs/Endless' } }, required: ['next'] } },
    };
    expect(JSON.stringify(valueOf(schema)).length).toBeLessThan(1000);
  });

  test('is finite where a reference leads back to itself', () => {
    expect(typeof valueOf({ $ref: '#/$defs/A', $defs: { A: { $ref: '#/$defs/A' } } })).toBe('string');
  });

  test('is made of the words of the request', () => {
    const text = valueOf({ type: 'string', minLength: 40 }) as string;
    expect(text.split(' ').every((word) => subject.words.includes(word))).toBe(true);
  });
});

describe('a hint', () => {
  const schema = {
    type: 'object',
    properties: { state: { type: 'string', enum: ['open', 'paid'] }, note: { type: 'string', maxLength: 10 } },
    required: ['state', 'note'],
  };

  test('is taken where it fits', () => {
    const hinted: Record<string, unknown> = { '/state': 'paid', '/note': 'short' };
    expect(valueOf(schema, 1, ({ path }) => hinted[path])).toEqual({ state: 'paid', note: 'short' });
  });

  test('never breaks the schema', () => {
    const hinted: Record<string, unknown> = { '/state': 'lost', '/note': 'much too long for it' };
    expect(
      problemsOf(
        schema,
        valueOf(schema, 1, ({ path }) => hinted[path]),
      ),
    ).toEqual([]);
  });
});
