// A JSON schema as one comparison needs it: its references followed and its `allOf` merged.
import { isTree, type Tree } from '../../../../platform/json.ts';
import { child, items, jsonOf, members, nodeCost, referenceOf, resolved, spend, type Located } from './located.ts';

/** The kinds of JSON value, with `number` taken apart so that `integer` is a part of it. */
const atoms = ['null', 'boolean', 'object', 'array', 'string', 'integer', 'fraction'] as const;
export type Atom = (typeof atoms)[number];

export interface Shape {
  readonly at: string;
  readonly types: ReadonlySet<Atom>;
  /** The allowed values as JSON; null: any. */
  readonly values: ReadonlySet<string> | null;
  readonly properties: ReadonlyMap<string, Located>;
  readonly required: ReadonlySet<string>;
  /** True when an object may hold nothing but the properties. */
  readonly closed: boolean;
  /** The schema of whatever else an object holds. */
  readonly additional: Located | null;
  readonly items: Located | null;
  readonly format: string | null;
  readonly pattern: string | null;
  readonly bounds: ReadonlyMap<Bound, number>;
  /** The alternatives of `oneOf` and `anyOf`. */
  readonly variants: readonly Located[];
}

export const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
export const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
export type Bound = (typeof upperBounds)[number] | (typeof lowerBounds)[number];

/** Reads the shapes of one document, and remembers what was costly. */
export const shapeReader = (): ((schema: Located) => Shape) => {
  const types = typeReader();
  return (schema) => shapeOf(schema, types);
};

/** The shape of a schema; what cannot be read allows anything. */
const shapeOf = (schema: Located, typesOf: TypeReader): Shape => {
  const parts = partsOf(schema);
  const all = <T>(read: (part: Located) => readonly T[]): T[] => parts.flatMap(read);
  const objects = all((part) => one(child(part, 'additionalProperties')));
  return {
    at: placeOf(schema),
    types: typesOf(schema),
    values: intersection(all((part) => one(valuesOf(part)))),
    properties: new Map(all((part) => members(child(part, 'properties'))).toReversed()),
    required: new Set(all((part) => items(child(part, 'required')).map(({ node }) => String(node)))),
    closed: objects.some(({ node }) => node === false),
    additional: objects.find(({ node }) => isTree(node)) ?? null,
    items: all((part) => one(child(part, 'items')))[0] ?? null,
    format: all((part) => one(textOf(part, 'format')))[0] ?? null,
    pattern: all((part) => one(textOf(part, 'pattern')))[0] ?? null,
    bounds: new Map([
      ...upperBounds.flatMap((bound) => tightest(parts, bound, (a, b) => Math.min(a, b))),
      ...lowerBounds.flatMap((bound) => tightest(parts, bound, (a, b) => Math.max(a, b))),
    ]),
    variants: all(variantsOf),
  };
};

/** A mere reference stands where its target does, so that what is used in many places is compared once. */
const placeOf = (schema: Located): string => {
  const isMere = referenceOf(schema) !== undefined && Object.keys(schema.node as Tree).length === 1;
  return (isMere ? resolved(schema) : undefined)?.at ?? schema.at;
};

const one = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

// Each part is asked for some twenty keywords, twice.
const partCost = 40 * nodeCost;

/** The schema itself, what it refers to and what its `allOf` adds, each once. A loop: hostile chains of references are long. */
const partsOf = (schema: Located): Located[] => {
  const parts = new Map<string, Located>();
  const waiting = [schema];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (parts.has(next.at)) continue;
    parts.set(next.at, next);
    spend(next, partCost);
    const target = referenceOf(next) === undefined ? undefined : resolved(next);
    for (const part of [...items(child(next, 'allOf')), ...one(target)]) waiting.push(part);
  }
  return [...parts.values()];
};

const variantsOf = (part: Located): Located[] => [...items(child(part, 'oneOf')), ...items(child(part, 'anyOf'))];

const intersection = <T>(sets: readonly ReadonlySet<T>[]): ReadonlySet<T> | null => {
  const [first, ...rest] = sets;
  return first ? rest.reduce((both, set) => new Set([...both].filter((each) => set.has(each))), first) : null;
};

const textOf = ({ node }: Located, key: string): string | undefined =>
  isTree(node) && typeof node[key] === 'string' ? node[key] : undefined;

const valuesOf = (part: Located): ReadonlySet<string> | undefined => {
  const only = isTree(part.node) ? child(part, 'const') : undefined;
  if (only) return new Set([jsonOf(only)]);
  const listed = isTree(part.node) ? child(part, 'enum') : undefined;
  return Array.isArray(listed?.node) ? new Set(items(listed).map(jsonOf)) : undefined;
};

const tightest = (
  parts: readonly Located[],
  bound: Bound,
  choose: (a: number, b: number) => number,
): [Bound, number][] => {
  const numbers = parts.flatMap(({ node }) => (isTree(node) && typeof node[bound] === 'number' ? [node[bound]] : []));
  return numbers.length > 0 ? [[bound, numbers.reduce((chosen, each) => choose(chosen, each))]] : [];
};

type TypeReader = (schema: Located) => ReadonlySet<Atom>;

// Alternatives within alternatives beyond this depth are taken to allow any type.
const maxDepth = 50;
const anyType: ReadonlySet<Atom> = new Set(atoms);

/** Tells what types a schema allows, each schema once: alternatives that refer to each other would multiply the work. */
const typeReader = (): TypeReader => {
  const known = new Map<unknown, ReadonlySet<Atom>>();
  const read = (schema: Located, depth: number): ReadonlySet<Atom> => {
    const before = known.get(schema.node);
    if (before) return before;
    // What a schema says of itself while it is read is no restriction.
    known.set(schema.node, anyType);
    const types = intersection(partsOf(schema).flatMap((part) => typesOfPart(part, depth))) ?? anyType;
    known.set(schema.node, types);
    return types;
  };
  const typesOfPart = (part: Located, depth: number): ReadonlySet<Atom>[] => {
    spend(part, sizeOf(part.node) * nodeCost);
    const variants = depth < maxDepth ? variantsOf(part) : [];
    const ofVariants = variants.flatMap((variant) => [...read(variant, depth + 1)]);
    const own = [...namedTypes(part.node), ...typesOfValues(part.node)];
    return variants.length === 0 ? own : [...own, new Set(ofVariants)];
  };
  return (schema) => read(schema, 0);
};

/** How many types and values a schema lists. */
const sizeOf = (node: unknown): number => {
  const lists = isTree(node) ? [node['type'], node['enum']] : [];
  return lists.reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
};

const namedTypes = (node: unknown): ReadonlySet<Atom>[] => {
  if (node === false) return [new Set()];
  const type = isTree(node) ? node['type'] : undefined;
  if (type === undefined) return [];
  return [new Set((Array.isArray(type) ? type : [type]).flatMap(atomsNamed))];
};

const atomsNamed = (name: unknown): Atom[] =>
  name === 'number' ? ['integer', 'fraction'] : atoms.filter((atom) => atom === name);

const typesOfValues = (node: unknown): ReadonlySet<Atom>[] => {
  if (!isTree(node)) return [];
  if (Object.hasOwn(node, 'const')) return [new Set([atomOf(node['const'])])];
  return Array.isArray(node['enum']) ? [new Set(node['enum'].map(atomOf))] : [];
};

const atomOf = (value: unknown): Atom => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value === 'object' ? 'object' : typeof value === 'boolean' ? 'boolean' : 'string';
};

/** Whether a property is only in answers, or only in requests. */
export const isFlagged = (located: Located, flag: 'readOnly' | 'writeOnly'): boolean => {
  const says = (node: unknown) => isTree(node) && node[flag] === true;
  return says(located.node) || says(resolved(located)?.node);
};
