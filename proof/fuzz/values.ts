// Values that fit a JSON schema, and texts that nothing should be able to break. Lengths are counted as the service counts them.
import fc from 'fast-check';
import { resolved, type OpenApi, type Schema } from './document.ts';

export type Values = fc.Arbitrary<unknown>;

/** Well-formed, and storable: the service takes them wherever a text may be of that length. */
const awkward = [
  'x',
  '🦊',
  '日本語',
  'e\u0301',
  '\u202eright to left',
  '\u2028',
  '\ufeff',
  '<script>alert(1)</script>',
  "' OR 1=1 --",
  '${7*7}',
  '../../etc/passwd',
  '%00',
  'constructor',
  '__x__',
  'true',
  '0',
  '1e999',
];

const trimmed = (text: string) => text.trim() === text;

const anyText = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      {
        weight: 4,
        arbitrary: fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 40) }),
      },
      { weight: 2, arbitrary: fc.constantFrom(...awkward) },
      { weight: 1, arbitrary: fc.constant('x'.repeat(Math.min(maxLength, 10_000))) },
    )
    .filter((text) => text.length >= minLength && text.length <= maxLength && trimmed(text) && !text.includes('\0'));

const lookahead = /\(\?!.*?\$\)/;

const byPattern = (pattern: string): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(pattern.replace(lookahead, ''))).filter((text) => new RegExp(pattern).test(text));

const soon = Date.UTC(2027, 0, 1);
const latest = Date.UTC(8999, 11, 31);
const times = fc
  .oneof(
    fc.date({ min: new Date(0), max: new Date(latest), noInvalidDate: true }),
    fc.date({ min: new Date(soon), max: new Date(soon * 2), noInvalidDate: true }),
    fc.constantFrom(new Date(0), new Date(latest)),
  )
  .map((time) => time.toISOString());

const byFormat: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'date-time': times,
  uri: fc.webUrl({ validSchemes: ['https'] }).map((url) => url.replace(/^https:\/\/[^/]+/, 'https://example.com')),
};

const saying = String.raw`\S`;

const textsOf = ({ minLength = 0, maxLength = 10_000, pattern, format }: Schema): fc.Arbitrary<string> => {
  const formatted = format === undefined ? undefined : byFormat[format];
  const texts =
    formatted ??
    (pattern === undefined || pattern === saying
      ? anyText(pattern === saying ? Math.max(1, minLength) : minLength, maxLength)
      : byPattern(pattern));
  return texts.filter((text) => text.length >= minLength && text.length <= maxLength);
};

const integersOf = ({ minimum, maximum, exclusiveMinimum }: Schema): Values => {
  const min = minimum ?? (exclusiveMinimum === undefined ? Number.MIN_SAFE_INTEGER : exclusiveMinimum + 1);
  const max = maximum ?? Number.MAX_SAFE_INTEGER;
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max));
};

const numbersOf = ({ minimum = -1e300, maximum = 1e300 }: Schema): Values =>
  fc.oneof(
    fc.double({ min: minimum, max: maximum, noNaN: true }),
    fc.constantFrom(...[2 ** 53, -(2 ** 53) - 2, 0.1, -0].filter((each) => each >= minimum && each <= maximum)),
  );

/** Any JSON of no great size, without what cannot be stored. */
const anyJson = fc.jsonValue({ maxDepth: 3 }).filter((value) => !/\\u0000|"__|""/.test(JSON.stringify(value)));

const maxSome = 4;

/** Values of a schema, remembered by it: to build them takes longer than to draw one. */
export const valuesOf = (document: OpenApi): ((schema: Schema) => Values) => {
  const known = new WeakMap<Schema, Values>();
  const values = (schema: Schema): Values => {
    const made = known.get(schema) ?? withExamples(schema, plain(resolved(document, schema)));
    known.set(schema, made);
    return made;
  };
  const withExamples = (schema: Schema, others: Values): Values => {
    const { example, examples = [] } = { ...resolved(document, schema), ...schema };
    const shown = [...examples, ...(example === undefined ? [] : [example])];
    return shown.length === 0
      ? others
      : fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...shown) }, { weight: 1, arbitrary: others });
  };
  const plain = (schema: Schema): Values => {
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const either = schema.anyOf ?? schema.oneOf;
    if (either) return fc.oneof(...either.map(values));
    if (schema.type === undefined) return anyJson;
    const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
    return fc.oneof(...types.map((type) => ofType(type, schema)));
  };
  const ofType = (type: string, schema: Schema): Values => {
    switch (type) {
      case 'string':
        return textsOf(schema);
      case 'integer':
        return integersOf(schema);
      case 'number':
        return numbersOf(schema);
      case 'boolean':
        return fc.boolean();
      case 'array':
        return listsOf(schema);
      case 'object':
        return objectsOf(schema);
      default:
        return fc.constant(null);
    }
  };
  const listsOf = ({ items = {}, minItems = 0, maxItems = maxSome, uniqueItems = false }: Schema): Values => {
    const size = { minLength: minItems, maxLength: Math.min(maxItems, Math.max(minItems, maxSome)) };
    return uniqueItems ? fc.uniqueArray(values(items), size) : fc.array(values(items), size);
  };
  const objectsOf = ({ properties = {}, required = [], additionalProperties, propertyNames }: Schema): Values => {
    const known = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, values(each)]));
    const fields = fc.record(known, { requiredKeys: [...required] });
    if (typeof additionalProperties !== 'object') return fields;
    const names = propertyNames ? textsOf(propertyNames) : fc.constantFrom('a', 'b', 'constructor', '日本');
    const more = fc.dictionary(names, values(additionalProperties), { maxKeys: maxSome, noNullPrototype: true });
    return fc.tuple(more, fields).map(([some, rest]) => ({ ...some, ...rest }));
  };
  return values;
};
