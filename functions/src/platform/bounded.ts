// Arrays and maps that callers fill. zod parses every item before it looks at `.max`, and a z.record has no maximum at all, so that a
// small body costs gigabytes. These schemas look at the length first and leave what is beyond it unparsed.
import { z } from 'zod';
import { isTree } from './json.ts';

/** What a value that is too long is cut to, and why it is refused. */
interface Excess {
  readonly origin: 'array' | 'object';
  readonly maximum: number;
  readonly first: unknown;
  readonly message: string;
}

/**
 * Makes a schema look for an excess before its own parser sees the value. `continue`: later checks see the parsed first part, and a
 * union tells the caller this issue instead of "Invalid input".
 */
const lookFirst = (schema: z.ZodArray | z.ZodRecord, find: (value: unknown) => Excess | null): void => {
  const parse = schema._zod.parse.bind(schema._zod);
  schema._zod.parse = (payload, context) => {
    const excess = find(payload.value);
    if (excess === null) return parse(payload, context);
    const { first, ...issue } = excess;
    payload.issues.push({ code: 'too_big', inclusive: true, input: first, inst: schema, continue: true, ...issue });
    payload.value = first;
    return parse(payload, context);
  };
};

// A constructor of zod's own kind, because `.min()`, `.refine()` and `.meta()` make their copy with the constructor of the schema.
const BoundedArray: z.core.$constructor<z.ZodArray> = z.core.$constructor('BoundedArray', (schema, definition) => {
  z.ZodArray.init(schema, definition);
  const maximum = Math.min(...(definition.checks ?? []).map(maxLengthOf));
  lookFirst(schema, (value) => {
    if (!Array.isArray(value) || value.length <= maximum) return null;
    const first: unknown[] = value.slice(0, maximum);
    return { origin: 'array', maximum, first, message: `must have at most ${maximum} items` };
  });
});

const maxLengthOf = ({ _zod: { def } }: z.core.$ZodCheck): number =>
  def.check === 'max_length' ? (def as z.core.$ZodCheckMaxLengthDef).maximum : Number.POSITIVE_INFINITY;

type RecordDefinition = z.core.$ZodRecordDef & { readonly maxFields: number };

const BoundedRecord: z.core.$constructor<z.ZodRecord, RecordDefinition> = z.core.$constructor(
  'BoundedRecord',
  (schema, definition) => {
    z.ZodRecord.init(schema, definition);
    const maximum = definition.maxFields;
    lookFirst(schema, (value) => {
      if (!isTree(value)) return null;
      const names = Object.keys(value);
      if (names.length <= maximum) return null;
      const first = Object.fromEntries(names.slice(0, maximum).map((name) => [name, value[name]]));
      return { origin: 'object', maximum, first, message: `must have at most ${maximum} fields` };
    });
  },
);

/** An array of at most `max` items. Items beyond it are not parsed. */
export const boundedArray = <T extends z.ZodType>(item: T, max: number): z.ZodArray<T> =>
  new BoundedArray({ type: 'array', element: item, checks: [z.maxLength(max)] }) as z.ZodArray<T>;

/** A map of at most `max` fields. Fields beyond it are not parsed. */
export const boundedRecord = <K extends z.core.$ZodRecordKey, V extends z.ZodType>(
  key: K,
  value: V,
  max: number,
): z.ZodRecord<K, V> => {
  const schema = new BoundedRecord({ type: 'record', keyType: key, valueType: value, maxFields: max });
  return schema.meta({ maxProperties: max }) as z.ZodRecord<K, V>;
};

export interface JsonSize {
  readonly nodes: number;
  readonly depth: number;
  /** Of keys and strings, in UTF-16 code units. */
  readonly characters: number;
}

/** Is a value that came out of JSON.parse within the limits? It stops where the first one is exceeded, and does not recurse. */
export const isWithin = (value: unknown, most: JsonSize): boolean => {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  let nodes = 1;
  let characters = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: node, depth } = next;
    if (typeof node === 'string') characters += node.length;
    if (typeof node === 'object' && node !== null) {
      const keys = Object.keys(node);
      nodes += keys.length;
      if (depth > most.depth || nodes > most.nodes) return false;
      if (!Array.isArray(node)) characters += keys.reduce((sum, key) => sum + key.length, 0);
      for (const child of Object.values(node)) open.push({ value: child, depth: depth + 1 });
    }
    if (characters > most.characters) return false;
  }
  return true;
};

/** A JSON object of any fields, whose whole size is bounded. */
export const boundedJsonObject = (maxFields: number, most: JsonSize) =>
  boundedRecord(z.string().max(most.characters), z.unknown(), maxFields).refine(
    (value) => isWithin(value, most),
    `must have at most ${most.nodes} values, ${most.depth} levels and ${most.characters} characters`,
  );
