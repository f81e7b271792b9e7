// Which schemas a provider can enforce while it generates. Both enforce closed schemas only: each object lists its properties
// and allows no others. An open one would silently lose what it leaves open.
import type { JsonSchema } from '../schemas.ts';

type Rule = (schema: JsonSchema) => boolean;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const nested = (schema: JsonSchema): unknown[] => [
  ...Object.values(isSchema(schema['properties']) ? schema['properties'] : {}),
  ...Object.values(isSchema(schema['$defs']) ? schema['$defs'] : {}),
  ...['anyOf', 'oneOf', 'allOf'].flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as unknown[]) : [])),
  ...('items' in schema ? [schema['items']] : []),
];

const everywhere = (schema: unknown, rule: Rule): boolean =>
  isSchema(schema) && rule(schema) && nested(schema).every((inner) => everywhere(inner, rule));

const determiningKeys = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'];

const isClosedHere: Rule = (schema) =>
  determiningKeys.some((key) => key in schema) &&
  (schema['type'] !== 'object' || (isSchema(schema['properties']) && schema['additionalProperties'] === false)) &&
  (schema['type'] !== 'array' || 'items' in schema);

/** True when the schema leaves nothing open, at any depth. */
export const isClosed = (schema: JsonSchema): boolean => everywhere(schema, isClosedHere);

// OpenAI's strict mode rejects a request whose schema uses any other keyword.
const strictKeywords = new Set([
  ...['$schema', '$defs', '$ref', 'title', 'description', 'type', 'enum', 'const', 'anyOf'],
  ...['properties', 'required', 'additionalProperties', 'items', 'minItems', 'maxItems', 'pattern', 'format'],
  ...['multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
]);

const isStrictHere: Rule = (schema) =>
  Object.keys(schema).every((keyword) => strictKeywords.has(keyword)) && requiresAll(schema);

const requiresAll = ({ properties, required }: JsonSchema) =>
  !isSchema(properties) || Object.keys(properties).every((key) => Array.isArray(required) && required.includes(key));

/** True when OpenAI's strict mode takes the schema: closed, every property required, known keywords only. */
export const isStrict = (schema: JsonSchema): boolean => isClosed(schema) && everywhere(schema, isStrictHere);
