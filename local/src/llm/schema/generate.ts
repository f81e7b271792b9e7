// A value for a JSON Schema. A hint may offer a value for any node; it is taken when it fits, so that believable answers
// cannot break the schema that was asked for.
import type { JsonSchema } from '../prompt.ts';
import { integerBetween, pick, type Random } from '../random.ts';
import type { Subject } from '../subject.ts';
import { asNumber, asSchema, isObject, listOf, resolve, typeOf } from './resolve.ts';
import { patternOf, textFor } from './text.ts';

export interface Place {
  /** JSON pointer of the value. */
  readonly path: string;
  /** The property's name, or the index. */
  readonly name: string;
  readonly schema: JsonSchema;
  /** The object schema that the property belongs to. */
  readonly parent: JsonSchema;
}

/** A value for that place, or undefined for "make one up". */
export type Hint = (place: Place) => unknown;

export interface Generation {
  readonly schema: JsonSchema;
  readonly random: Random;
  readonly subject: Subject;
  readonly hint?: Hint;
}

/** Deeper than this, only what is required is made: a schema may refer to itself. */
const MAX_FULL_DEPTH = 5;

/** Deeper than this, objects stay empty: the schema requires itself and has no finite value. */
const MAX_DEPTH = 40;

interface Node extends Place {
  readonly depth: number;
}

/** A value of the schema: the same one for the same schema, subject and random numbers. */
export const generate = ({ schema, random, subject, hint }: Generation): unknown => {
  const resolved = (part: unknown) => resolve(schema, asSchema(part));

  const value = (node: Node): unknown => {
    const hinted = hint?.(node);
    if (hinted !== undefined && accepts(node.schema, hinted)) return hinted;
    if ('const' in node.schema) return node.schema['const'];
    if (Array.isArray(node.schema['enum'])) return pick(random, node.schema['enum'] as unknown[]);
    const options = [...listOf(node.schema['anyOf']), ...listOf(node.schema['oneOf'])].map(resolved);
    if (options.length > 0) return value({ ...node, schema: option(node, options) });
    return plain(node);
  };

  const option = (node: Node, options: readonly JsonSchema[]): JsonSchema => {
    const { anyOf: _anyOf, oneOf: _oneOf, ...own } = node.schema;
    const isNull = (candidate: JsonSchema) => typeOf(candidate) === 'null';
    const wanted = options.filter((candidate) => isNull(candidate) === node.depth > MAX_FULL_DEPTH);
    return resolve(schema, { ...own, allOf: [pick(random, wanted.length > 0 ? wanted : options)] });
  };

  const plain = (node: Node): unknown => {
    switch (typeOf(node.schema)) {
      case 'object':
        return object(node);
      case 'array':
        return array(node);
      case 'string':
        return textFor(node.schema, node.name, random, subject);
      case 'integer':
      case 'number':
        return number(node.schema, random);
      case 'boolean':
        return random() < 0.5;
      case 'null':
        return null;
    }
  };

  const child = (node: Node, name: string, part: unknown) =>
    value({
      path: `${node.path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      name,
      schema: resolved(part),
      parent: node.schema,
      depth: node.depth + 1,
    });

  const object = (node: Node) => {
    if (node.depth > MAX_DEPTH) return {};
    const properties = asSchema(node.schema['properties']);
    const required = listOf(node.schema['required']);
    const names = Object.keys(properties).filter((name) => node.depth <= MAX_FULL_DEPTH || required.includes(name));
    const known = Object.fromEntries(names.map((name) => [name, child(node, name, properties[name])]));
    return { ...known, ...further(node, known) };
  };

  /** Entries of a map: properties that the schema has no names for. */
  const further = (node: Node, known: Record<string, unknown>) => {
    const { additionalProperties, propertyNames, properties } = node.schema;
    const missing = listOf(node.schema['required']).flatMap((name) =>
      typeof name === 'string' && !(name in known) ? [name] : [],
    );
    const minimum = asNumber(node.schema['minProperties']) ?? 0;
    const isMap = isObject(additionalProperties) && !isObject(properties);
    const count = Math.max(isMap && node.depth <= MAX_FULL_DEPTH ? 2 : 0, minimum - Object.keys(known).length);
    const allowed = listOf(asSchema(propertyNames)['enum']).filter((name) => typeof name === 'string');
    const names = [...new Set([...missing, ...(allowed.length > 0 ? allowed : subject.words).slice(0, count)])];
    return Object.fromEntries(names.map((name) => [name, child(node, name, additionalProperties)]));
  };

  const array = (node: Node) => {
    const tuple = listOf(node.schema['prefixItems']);
    const shortest = Math.max(asNumber(node.schema['minItems']) ?? 0, tuple.length);
    const longest = asNumber(node.schema['maxItems']) ?? Infinity;
    const isDeep = node.depth > MAX_FULL_DEPTH;
    const [low, high] = isDeep ? [shortest, shortest] : [Math.max(shortest, 1), Math.max(shortest, 1) + 2];
    const length = integerBetween(random, Math.min(low, longest), Math.min(high, longest));
    const items = Array.from({ length }, (_, index) =>
      child(node, String(index), tuple[index] ?? node.schema['items']),
    );
    return node.schema['uniqueItems'] === true ? unique(items) : items;
  };

  return value({ path: '', name: '', schema: resolved(schema), parent: {}, depth: 0 });
};

const unique = (items: readonly unknown[]) => [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];

const number = (schema: JsonSchema, random: Random): number => {
  const step = asNumber(schema['multipleOf']) ?? (typeOf(schema) === 'integer' ? 1 : 0.01);
  const lowest = Math.max(asNumber(schema['minimum']) ?? -Infinity, above(schema['exclusiveMinimum'], step));
  const highest = Math.min(asNumber(schema['maximum']) ?? Infinity, -above(negated(schema['exclusiveMaximum']), step));
  const low = Number.isFinite(lowest) ? lowest : Math.min(0, highest - 100);
  const high = Math.min(highest, low + 100);
  const [first, last] = [Math.ceil(low / step), Math.floor(high / step)];
  if (last < first) return (low + high) / 2;
  return Number((integerBetween(random, first, last) * step).toPrecision(12));
};

const negated = (bound: unknown) => {
  const number = asNumber(bound);
  return number === undefined ? undefined : -number;
};

/** The lowest multiple of `step` that is greater than the bound. */
const above = (bound: unknown, step: number) => {
  const number = asNumber(bound);
  return number === undefined ? -Infinity : (Math.floor(number / step) + 1) * step;
};

/** True when the value has the type and keeps the bounds of the schema's own level; what is inside is the hint's business. */
const accepts = (schema: JsonSchema, value: unknown): boolean => {
  if ('const' in schema) return schema['const'] === value;
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value);
  if (Array.isArray(schema['anyOf']) || Array.isArray(schema['oneOf'])) return false;
  return acceptsType(schema, value);
};

const acceptsType = (schema: JsonSchema, value: unknown): boolean => {
  switch (typeOf(schema)) {
    case 'string':
      return typeof value === 'string' && acceptsText(schema, value);
    case 'array':
      return Array.isArray(value) && isBetween(value.length, schema['minItems'], schema['maxItems']);
    case 'object':
      return isObject(value);
    case 'integer':
    case 'number':
      return typeof value === 'number' && isBetween(value, schema['minimum'], schema['maximum']);
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
  }
};

const acceptsText = (schema: JsonSchema, text: string) =>
  isBetween(text.length, schema['minLength'], schema['maxLength']) && (patternOf(schema)?.test(text) ?? true);

const isBetween = (value: number, lowest: unknown, highest: unknown) =>
  value >= (asNumber(lowest) ?? -Infinity) && value <= (asNumber(highest) ?? Infinity);
