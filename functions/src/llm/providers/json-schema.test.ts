import { describe, expect, test } from '@jest/globals';
import type { JsonSchema } from '../schemas.ts';
import { isClosed, isStrict } from './json-schema.ts';

const object = (properties: JsonSchema, rest: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...rest,
});

const text = { type: 'string' };

const strict: [string, JsonSchema][] = [
  ['a plain object', object({ a: text })],
  ['a list of objects', object({ list: { type: 'array', items: object({ a: text }), maxItems: 3 } })],
  ['a choice', object({ a: { anyOf: [text, { type: 'null' }] } })],
  ['a reference', object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: object({ c: { enum: [1, 2] } }) } })],
];

const closedOnly: [string, JsonSchema][] = [
  ['an optional property', object({ a: text }, { required: [] })],
  ['no list of required properties', { type: 'object', properties: { a: text }, additionalProperties: false }],
  ['a keyword that strict mode lacks', object({ a: { type: 'string', maxLength: 3 } })],
  ['oneOf', object({ a: { oneOf: [text, { type: 'null' }] } })],
];

const open: [string, JsonSchema][] = [
  ['an object without properties', { type: 'object' }],
  ['an object that allows others', { type: 'object', properties: {}, required: [] }],
  ['a map', { type: 'object', additionalProperties: text }],
  ['a map with named entries', object({ a: text }, { additionalProperties: text })],
  ['anything', {}],
  ['anything inside', object({ a: {} })],
  ['a list of anything', object({ a: { type: 'array' } })],
  ['a map inside a list', object({ a: { type: 'array', items: { type: 'object' } } })],
  ['a map inside a choice', object({ a: { anyOf: [text, { type: 'object' }] } })],
  ['a map inside a definition', object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: { type: 'object' } } })],
  ['a boolean schema', object({ a: true })],
];

describe('schemas', () => {
  test.each(strict)('%s can be enforced strictly', (_what, schema) => {
    expect([isClosed(schema), isStrict(schema)]).toEqual([true, true]);
  });

  test.each(closedOnly)('%s is closed, but not for strict mode', (_what, schema) => {
    expect([isClosed(schema), isStrict(schema)]).toEqual([true, false]);
  });

  test.each(open)('%s is open', (_what, schema) => {
    expect([isClosed(schema), isStrict(schema)]).toEqual([false, false]);
  });
});
