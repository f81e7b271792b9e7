// JSON Schema as providers accept it, brought into one form: references followed, `allOf` merged, Gemini's upper-case types
// lowered. A leaf: pure.
import type { JsonSchema } from '../prompt.ts';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A schema as an object; the schema `true`, and what is no schema at all, ask for nothing. */
export const asSchema = (value: unknown): JsonSchema => (isObject(value) ? value : {});

/** Gemini writes 64-bit integers as strings. */
export const asNumber = (value: unknown): number | undefined => {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
};

const unescapePointer = (token: string) => decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');

const lookUp = (root: JsonSchema, reference: string): JsonSchema => {
  if (!reference.startsWith('#')) return {};
  const tokens = reference.slice(1).split('/').slice(1).map(unescapePointer);
  return asSchema(tokens.reduce<unknown>((node, token) => asSchema(node)[token], root));
};

/** More references in a row than this are a circle that asks for nothing. */
const MAX_REFERENCES = 20;

/** The schema without `$ref` and `allOf` at its top; what stands beside them is kept. */
export const resolve = (root: JsonSchema, schema: JsonSchema, budget = MAX_REFERENCES): JsonSchema => {
  if (budget === 0) return {};
  const { $ref, allOf, ...own } = schema;
  const referred = typeof $ref === 'string' ? [lookUp(root, $ref)] : [];
  const parts = Array.isArray(allOf) ? allOf.map(asSchema) : [];
  if (referred.length + parts.length === 0) return schema;
  return [...referred, ...parts].map((part) => resolve(root, part, budget - 1)).reduce(merge, own);
};

const merge = (left: JsonSchema, right: JsonSchema): JsonSchema => ({
  ...right,
  ...left,
  ...((isObject(left['properties']) || isObject(right['properties'])) && {
    properties: { ...asSchema(right['properties']), ...asSchema(left['properties']) },
  }),
  ...((Array.isArray(left['required']) || Array.isArray(right['required'])) && {
    required: [...listOf(left['required']), ...listOf(right['required'])],
  }),
});

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export type TypeName = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
const typeNames: readonly string[] = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

const shapes: readonly (readonly [TypeName, readonly string[]])[] = [
  ['object', ['properties', 'additionalProperties', 'required', 'propertyNames']],
  ['array', ['items', 'prefixItems', 'minItems']],
  ['number', ['minimum', 'maximum', 'multipleOf', 'exclusiveMinimum']],
];

/** The type to generate: the first that is not null, or the one that the other keywords suggest, or a string. */
export const typeOf = (schema: JsonSchema): TypeName => {
  const declared = [schema['type']]
    .flat()
    .flatMap((name) => (typeof name === 'string' ? [name.toLowerCase()] : []))
    .filter((name): name is TypeName => typeNames.includes(name));
  const named = declared.find((name) => name !== 'null') ?? declared[0];
  return named ?? shapes.find(([, keywords]) => keywords.some((keyword) => keyword in schema))?.[0] ?? 'string';
};
