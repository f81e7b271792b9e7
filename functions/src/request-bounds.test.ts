// Everything that a request may carry has a bound in its schema, so that no body costs more than its limit in bytes lets expect.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { makeApi } from './api.ts';

interface Schema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url).pathname, 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const boundsOfStrings = ['maxLength', 'enum', 'const', 'format'];

/** Whether a pattern has no quantifier without an end. */
const isFinite = (pattern: unknown): boolean =>
  typeof pattern === 'string' &&
  pattern.startsWith('^') &&
  pattern.endsWith('$') &&
  !/[*+]|\{\d+,\}/.test(pattern.replaceAll(/\\.|\[(?:\\.|[^\]])*\]/g, '_'));

const has = (schema: Schema, keywords: readonly string[]) => keywords.some((keyword) => schema[keyword] !== undefined);

const isMap = ({ properties, additionalProperties = properties === undefined }: Schema) =>
  additionalProperties !== false;

const lacksBound: Readonly<Record<string, (schema: Schema) => boolean>> = {
  string: (schema) => !has(schema, boundsOfStrings) && !isFinite(schema['pattern']),
  array: (schema) => !has(schema, ['maxItems']),
  object: (schema) => isMap(schema) && !has(schema, ['maxProperties']),
};

/** What of a schema itself has no bound, by its types. */
const unboundedOf = (schema: Schema): string[] =>
  [schema.type ?? []].flat().filter((type) => lacksBound[type]?.(schema));

const walk = (schema: Schema, at: string, seen: readonly string[] = []): string[] => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return seen.includes(name) ? [] : walk(document.components.schemas[name] ?? {}, at, [...seen, name]);
  }
  const { properties = {}, additionalProperties, items } = schema;
  const parts = ['anyOf', 'oneOf', 'allOf'].flatMap((word) => (schema[word] as Schema[] | undefined) ?? []);
  return [
    ...unboundedOf(schema).map((what) => `${at}: ${what}`),
    ...Object.entries(properties).flatMap(([name, property]) => walk(property, `${at}/${name}`, seen)),
    ...(typeof additionalProperties === 'object' ? walk(additionalProperties, `${at}/*`, seen) : []),
    ...(items ? walk(items, `${at}/[]`, seen) : []),
    ...parts.flatMap((part) => walk(part, at, seen)),
  ];
};

const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

test('every text, array and map of a request has a bound', () => {
  const unbounded = operations.flatMap(({ operationId, parameters = [], requestBody }) => [
    ...parameters.flatMap(({ name, schema }) => walk(schema, `${operationId} ?${name}`)),
    ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => walk(schema, operationId)),
  ]);
  expect(operations.length).toBeGreaterThan(50);
  expect(unbounded).toEqual([]);
});

/** The schemas that a schema is made of, by the word under which its definition holds them. */
const partsOf = (schema: z.core.$ZodType): [string, z.core.$ZodType][] =>
  Object.entries(schema._zod.def).flatMap(([word, value]: [string, unknown]) =>
    [value].flat().flatMap((part): [string, z.core.$ZodType][] => {
      if (part instanceof z.core.$ZodType) return [[word, part]];
      return word === 'shape' ? Object.entries(part as Record<string, z.core.$ZodType>) : [];
    }),
  );

const parsedFirst = (schema: z.core.$ZodType, at: string): string[] => {
  const { traits } = schema._zod;
  const late =
    (traits.has('ZodArray') && !traits.has('BoundedArray')) ||
    (traits.has('ZodRecord') && !traits.has('BoundedRecord')) ||
    traits.has('ZodMap') ||
    traits.has('ZodSet');
  return [...(late ? [at] : []), ...partsOf(schema).flatMap(([word, part]) => parsedFirst(part, `${at}/${word}`))];
};

test('the arrays and maps of a request are measured before their items are parsed', () => {
  const bodies = makeApi().openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== 'route') return [];
    const { operationId = '', request } = definition.route;
    const { schema } = (request?.body?.content['application/json'] ?? {}) as { schema?: unknown };
    return schema instanceof z.core.$ZodType ? [{ operationId, schema }] : [];
  });
  expect(bodies.length).toBeGreaterThan(20);
  expect(bodies.flatMap(({ operationId, schema }) => parsedFirst(schema, operationId))).toEqual([]);
});

test('an array deep in a schema that is measured too late would be found', () => {
  const schema = z.union([z.strictObject({ list: z.array(z.string()).max(3).default([]) }), z.null()]);
  expect(parsedFirst(schema, 'x')).toEqual(['x/options/list/innerType']);
});
