// Values that break a schema in one place. Each is made of a value that fits; the validator has the last word on whether it is broken.
import { z } from 'zod';
import { resolved, type OpenApi, type Schema } from './document.ts';

const ofOtherTypes: readonly unknown[] = [null, true, 7.5, -1, 'text', [], {}, [[]], 1e300];

const tree = z.record(z.string(), z.unknown());

const strings = ({ minLength = 0, maxLength, pattern }: Schema): unknown[] => [
  ...(minLength > 0 ? ['', ' '.repeat(minLength)] : []),
  ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1)]),
  ...(pattern === undefined ? [] : ['', '\u0007', 'Not like that!', `${'x'.repeat(300)}\n`]),
];

const numbers = ({ minimum, maximum, exclusiveMinimum }: Schema): unknown[] =>
  [
    minimum === undefined ? undefined : minimum - 1,
    maximum === undefined ? undefined : maximum + 1,
    exclusiveMinimum,
  ].filter((each) => each !== undefined);

const lists = (value: readonly unknown[], { minItems = 0, maxItems, uniqueItems }: Schema): unknown[] => [
  ...(minItems > 0 ? [[]] : []),
  ...(maxItems !== undefined && value.length > 0 ? [Array.from({ length: maxItems + 1 }, () => value[0])] : []),
  ...(uniqueItems && value.length > 0 ? [[...value, value[0]]] : []),
];

const without = (value: Readonly<Record<string, unknown>>, name: string) =>
  Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));

const objects = (value: Readonly<Record<string, unknown>>, { required = [] }: Schema): unknown[] => [
  ...required.map((name) => without(value, name)),
  { ...value, unheardOf: 1 },
  { ...value, 'not a name!': 1 },
];

/** Every way of breaking the value, in itself or further in. */
export const violationsOf = (document: OpenApi): ((schema: Schema, value: unknown) => unknown[]) => {
  const broken = (given: Schema, value: unknown): unknown[] => {
    const schema = resolved(document, given);
    return [...ofOtherTypes, ...here(schema, value), ...within(schema, value)];
  };
  const here = (schema: Schema, value: unknown): unknown[] => {
    if (typeof value === 'string') return strings(schema);
    if (typeof value === 'number') return numbers(schema);
    if (Array.isArray(value)) return lists(value, schema);
    const parsed = tree.safeParse(value).data;
    return parsed ? objects(parsed, schema) : [];
  };
  const within = (schema: Schema, value: unknown): unknown[] => {
    const { items } = schema;
    if (Array.isArray(value)) {
      const [first, ...rest] = value as unknown[];
      return items && value.length > 0 ? broken(items, first).map((each) => [each, ...rest]) : [];
    }
    const parsed = tree.safeParse(value).data ?? {};
    return Object.entries(parsed).flatMap(([name, field]) => {
      const inner = schema.properties?.[name];
      return inner ? broken(inner, field).map((each) => ({ ...parsed, [name]: each })) : [];
    });
  };
  return broken;
};
