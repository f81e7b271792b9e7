import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { breakingChanges } from './breaking-changes.ts';

type Json = Record<string, unknown>;

const thingOf = (name: string): Json => ({
  type: 'object',
  required: ['id', 'name'],
  properties: {
    id: { type: 'string' },
    name: { type: 'string', maxLength: 80 },
    state: { type: 'string', enum: ['new', 'old'] },
    size: { type: 'integer', minimum: 0 },
    parent: ref(name),
    tags: { type: 'array', items: { type: 'string' } },
  },
});

/** A document to be changed: one operation that takes and answers a thing, and one that lists them. */
const base = () => ({
  openapi: '3.1.0',
  security: [{ token: [] as string[] }],
  paths: {
    '/things': {
      get: {
        parameters: [{ name: 'state', in: 'query', schema: { type: 'string' } }],
        responses: {
          '200': {
            content: { 'application/json': { schema: { type: 'array', items: ref('Thing') } } },
            headers: { ETag: { schema: { type: 'string' } } },
          },
          '404': { $ref: '#/components/responses/Problem' },
        },
      },
      post: {
        requestBody: { content: { 'application/json': { schema: ref('NewThing') } } },
        responses: { '201': { content: { 'application/json': { schema: ref('Thing') } } } },
      },
    },
    '/things/{id}': {
      get: {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { '200': { content: { 'application/json': { schema: ref('Thing') } } } },
      },
    },
  } as Json,
  components: {
    schemas: { Thing: thingOf('Thing'), NewThing: thingOf('NewThing') } as Record<string, Json>,
    responses: { Problem: { content: { 'application/problem+json': { schema: { type: 'object' } } } } },
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer' },
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
    },
  },
});

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

/** The value at a pointer within a document, to be changed in place. */
const at = (document: unknown, pointer: string): Json =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Json>((node, key) => node[key] as Json, document as Json);

const changesAfter = (change: (document: Json) => void) => {
  const after = base() as unknown as Json;
  change(after);
  return breakingChanges(base(), after).map(({ kind, in: where, at: pointer }) => `${kind} ${where} ${pointer}`);
};

const list = '/paths/~1things/get';
const create = '/paths/~1things/post';
const thingSchema = '/components/schemas/Thing';
const newThing = '/components/schemas/NewThing';

const set = (pointer: string, value: Json) => (document: Json) => void Object.assign(at(document, pointer), value);
const drop = (pointer: string, key: string) => (document: Json) =>
  void Reflect.deleteProperty(at(document, pointer), key);

describe('a change breaks callers when', () => {
  test.each<[string, (document: Json) => void, string[]]>([
    ['a path is gone', drop('/paths', '/things/{id}'), ['path-removed before /paths/~1things~1{id}']],
    ['an operation is gone', drop('/paths/~1things', 'get'), [`operation-removed before ${list}`]],
    ['a parameter is gone', set(list, { parameters: [] }), [`parameter-removed before ${list}/parameters/0`]],
    [
      'a new parameter is required',
      (document) => (at(document, list)['parameters'] as Json[]).push({ name: 'q', in: 'query', required: true }),
      [`parameter-required after ${list}/parameters/1`],
    ],
    [
      'a parameter becomes required',
      set(`${list}/parameters/0`, { required: true }),
      [`parameter-required after ${list}/parameters/0`],
    ],
    [
      'a parameter is retyped',
      set(`${list}/parameters/0`, { schema: { type: 'integer' } }),
      [`type-changed after ${list}/parameters/0/schema`],
    ],
    ['a body is no longer taken', drop(create, 'requestBody'), [`body-removed before ${create}/requestBody`]],
    [
      'a body becomes required',
      set(`${create}/requestBody`, { required: true }),
      [`body-required after ${create}/requestBody`],
    ],
    [
      'a media type of a request is gone',
      set(`${create}/requestBody`, { content: {} }),
      [`media-type-removed before ${create}/requestBody/content/application~1json`],
    ],
    ['a success status is gone', drop(`${create}/responses`, '201'), [`status-removed before ${create}/responses/201`]],
    [
      'a header of a response is gone',
      drop(`${list}/responses/200`, 'headers'),
      [`header-removed before ${list}/responses/200/headers/ETag`],
    ],
    [
      'a scope is asked for',
      set('', { security: [{ token: ['write'] }] }),
      [
        'auth-stricter after /paths/~1things/get',
        'auth-stricter after /paths/~1things/post',
        'auth-stricter after /paths/~1things~1{id}/get',
      ],
    ],
    [
      'an operation asks for another scheme as well',
      set(list, { security: [{ token: [], key: [] }] }),
      [`auth-stricter after ${list}/security`],
    ],
    [
      'a field of a response is gone',
      drop(`${thingSchema}/properties`, 'size'),
      [`field-removed before ${thingSchema}/properties/size`],
    ],
    [
      'a field of a response is retyped',
      set(`${thingSchema}/properties/size`, { type: 'string' }),
      [`type-changed after ${thingSchema}/properties/size`],
    ],
    [
      'a field of a response may be null now',
      set(`${thingSchema}/properties/size`, { type: ['integer', 'null'] }),
      [`type-changed after ${thingSchema}/properties/size`],
    ],
    [
      'an integer of a response may be any number',
      set(`${thingSchema}/properties/size`, { type: 'number' }),
      [`type-changed after ${thingSchema}/properties/size`],
    ],
    [
      'a field of a response may be missing',
      set(thingSchema, { required: ['id'] }),
      [`field-optional after ${thingSchema}/properties/name`],
    ],
    [
      'the items of a list in a response are retyped',
      set(`${thingSchema}/properties/tags/items`, { type: 'object' }),
      [`type-changed after ${thingSchema}/properties/tags/items`],
    ],
    [
      'a field of a request is required',
      set(newThing, { required: ['id', 'name', 'size'] }),
      [`field-required after ${newThing}/properties/size`],
    ],
    [
      'a field of a request is gone',
      drop(`${newThing}/properties`, 'size'),
      [`field-removed before ${newThing}/properties/size`],
    ],
    [
      'a number of a request must be whole',
      set(`${newThing}/properties/name`, { type: 'integer' }),
      [`type-changed after ${newThing}/properties/name`],
    ],
    [
      'an enum of a request is narrowed',
      set(`${newThing}/properties/state`, { enum: ['new'] }),
      [`enum-narrowed before ${newThing}/properties/state`],
    ],
    [
      'a value of a request becomes an enum',
      set(`${newThing}/properties/id`, { enum: ['a'] }),
      [`enum-narrowed after ${newThing}/properties/id`],
    ],
    [
      'a request gets a lower maximum',
      set(`${newThing}/properties/name`, { maxLength: 79 }),
      [`constraint-stricter after ${newThing}/properties/name`],
    ],
    [
      'a request gets a higher minimum',
      set(`${newThing}/properties/size`, { minimum: 1 }),
      [`constraint-stricter after ${newThing}/properties/size`],
    ],
    [
      'a request gets a minimum',
      set(`${newThing}/properties/name`, { minLength: 1 }),
      [`constraint-stricter after ${newThing}/properties/name`],
    ],
    [
      'a request must match a pattern',
      set(`${newThing}/properties/id`, { pattern: '^a' }),
      [`constraint-stricter after ${newThing}/properties/id`],
    ],
    [
      'a request must have a format',
      set(`${newThing}/properties/id`, { format: 'uuid' }),
      [`format-changed after ${newThing}/properties/id`],
    ],
    ['a response has another format', set(`${thingSchema}/properties/id`, { format: 'uuid' }), []],
    [
      'a request takes no further fields',
      set(newThing, { additionalProperties: false }),
      [`fields-closed after ${newThing}`],
    ],
    [
      'a field is required by an allOf',
      set(newThing, { allOf: [{ required: ['size'] }] }),
      [`field-required after ${newThing}/properties/size`],
    ],
    [
      'an alternative of a response is of another type',
      set(`${thingSchema}/properties/size`, { type: undefined, oneOf: [{ type: 'integer' }, { type: 'string' }] }),
      [`type-changed after ${thingSchema}/properties/size`],
    ],
  ])('%s', (_, change, expected) => {
    expect(changesAfter(change).sort()).toEqual(expected);
  });

  test('an alternative of a request is gone, or one of a response is new', () => {
    const choice = (names: string[]) => ({ oneOf: names.map(ref) });
    const document = (request: Json, response: Json) => {
      const made = base() as unknown as Json;
      set(`${create}/requestBody/content/application~1json`, { schema: request })(made);
      set(`${create}/responses/201/content/application~1json`, { schema: response })(made);
      return made;
    };
    const two = choice(['Thing', 'NewThing']);
    const one = choice(['Thing']);
    const kinds = (before: Json, after: Json) =>
      breakingChanges(before, after).map(({ kind, at: where }) => [kind, where]);
    const requestAt = `${create}/requestBody/content/application~1json/schema/oneOf/1`;
    const responseAt = `${create}/responses/201/content/application~1json/schema/oneOf/1`;
    expect(kinds(document(two, two), document(one, two))).toEqual([['variant-changed', requestAt]]);
    expect(kinds(document(one, one), document(one, two))).toEqual([['variant-changed', responseAt]]);
    expect(kinds(document(one, two), document(two, one))).toEqual([]);
  });
});

describe('a change breaks nobody when', () => {
  test.each<[string, (document: Json) => void]>([
    ['nothing changes', () => undefined],
    [
      'a placeholder of a path is renamed',
      (document) => {
        const paths = at(document, '/paths');
        const item = at(document, '/paths/~1things~1{id}');
        set('/get/parameters/0', { name: 'thing' })(item);
        Reflect.deleteProperty(paths, '/things/{id}');
        paths['/things/{thing}'] = item;
      },
    ],
    [
      'a scheme is renamed',
      (document) => {
        set('/components', { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } })(document);
        set('', { security: [{ bearer: [] }] })(document);
      },
    ],
    ['nobody needs to sign in any more', set('', { security: [] })],
    ['a request takes more', set(`${newThing}/properties/name`, { type: ['string', 'null'], maxLength: 100 })],
    ['a request takes more values', set(`${newThing}/properties/state`, { enum: ['new', 'old', 'lost'] })],
    ['a request no longer needs a field', set(newThing, { required: [] })],
    ['a response promises more', set(thingSchema, { required: ['id', 'name', 'size'] })],
    ['a response has fewer values', set(`${thingSchema}/properties/state`, { enum: ['new'] })],
    ['a response has new values', set(`${thingSchema}/properties/state`, { enum: ['new', 'old', 'lost'] })],
    ['an error is no longer answered', drop(`${list}/responses`, '404')],
    [
      'a status is covered by its range',
      (document) => {
        const responses = at(document, `${create}/responses`);
        responses['2XX'] = responses['201'];
        Reflect.deleteProperty(responses, '201');
      },
    ],
    [
      'a required field is only in answers',
      (document) => {
        set(`${newThing}/properties`, { made: { type: 'string', readOnly: true } })(document);
        set(newThing, { required: ['id', 'name', 'made'] })(document);
      },
    ],
    [
      'a schema is moved behind a reference',
      (document) => {
        const schemas = at(document, '/components/schemas');
        schemas['Tags'] = at(document, `${thingSchema}/properties/tags`);
        set(`${thingSchema}/properties`, { tags: ref('Tags') })(document);
      },
    ],
  ])('%s', (_, change) => {
    expect(changesAfter(change)).toEqual([]);
  });
});

describe('a comparison', () => {
  test('ends for schemas that contain themselves, in whatever way', () => {
    const loops = base();
    loops.components.schemas = {
      Thing: { allOf: [ref('Thing'), ref('NewThing')] },
      NewThing: { oneOf: [ref('Thing'), { items: ref('NewThing') }], additionalProperties: ref('NewThing') },
    };
    expect(breakingChanges(loops, loops)).toEqual([]);
    expect(breakingChanges(base(), loops).length).toBeGreaterThan(0);
  });

  test('ends for references in a circle and into nothing', () => {
    const lost = base();
    lost.components.schemas = { Thing: { $ref: '#/components/schemas/Thing' }, NewThing: ref('Nowhere') };
    expect(breakingChanges(lost, lost)).toEqual([]);
  });

  test('of a chain of two thousand schemas does not exhaust the stack', () => {
    const chain = (last: string) => {
      const made = base();
      for (let index = 0; index < 2_000; index++) {
        made.components.schemas[`S${index}`] = { properties: { next: ref(`S${index + 1}`) } };
      }
      made.components.schemas['S2000'] = { type: last };
      made.components.schemas['Thing'] = ref('S0');
      return made;
    };
    expect(breakingChanges(chain('string'), chain('integer')).map(({ at: where }) => where)).toEqual([
      '/components/schemas/S2000',
    ]);
  });

  test('of anything at all neither fails nor finds a change in what is the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        breakingChanges(before, after);
        expect(breakingChanges(before, before)).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (schema) => {
        const document = base();
        document.components.schemas['Thing'] = schema as Json;
        expect(breakingChanges(document, document)).toEqual([]);
        breakingChanges(base(), document);
        breakingChanges(document, base());
      }),
    );
  });
});

// Random documents: a few names, so that additions and removals meet what is there.
const fieldName = fc.constantFrom('a', 'b', 'c', '__proto__');
const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    { type: 'string' },
    { type: 'integer' },
    { type: ['string', 'null'] },
    { type: 'string', enum: ['x', 'y'] },
  ),
  fc.constantFrom('A', 'B').map(ref),
);
const { schema } = fc.letrec<{ schema: Json }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf,
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc
      .tuple(fc.dictionary(fieldName, tie('schema'), { noNullPrototype: true }), fc.subarray(['a', 'b', 'c']))
      .map(([properties, required]) => ({ type: 'object', properties, required })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((oneOf) => ({ oneOf })),
  ),
}));
interface AnOperation {
  readonly parameters: Json[];
  readonly requestBody: Json;
  readonly responses: Json;
}
const operation: fc.Arbitrary<AnOperation> = fc
  .record({ request: schema, response: schema })
  .map(({ request, response }) => ({
    parameters: [{ name: 'q', in: 'query', schema: request }] as Json[],
    requestBody: { content: { 'application/json': { schema: request } } },
    responses: { '200': { content: { 'application/json': { schema: response } } } },
  }));
const methodName = fc.constantFrom('get', 'post', 'put');
const documents = fc.record({
  paths: fc.dictionary(
    fc.constantFrom('/x', '/x/{id}', '/y'),
    fc.dictionary(methodName, operation, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
    { minKeys: 1, maxKeys: 2, noNullPrototype: true },
  ),
  components: fc.record({ schemas: fc.record({ A: schema, B: schema }) }),
});
type Api = typeof documents extends fc.Arbitrary<infer T> ? T : never;

/** Calls `visit` with every object schema of the document. */
const objectSchemas = (node: unknown): Json[] => {
  if (typeof node !== 'object' || node === null) return [];
  const own = (node as Json)['type'] === 'object' ? [node as Json] : [];
  return [...own, ...Object.values(node).flatMap(objectSchemas)];
};
const operationsOf = (api: Api) => Object.values(api.paths).flatMap((item) => Object.values(item));
const pick = <T>(all: readonly T[], index: number): T | undefined => all[index % all.length];

const additions: readonly ((api: Api, index: number) => void)[] = [
  (api, index) => {
    const object = pick(objectSchemas(api), index);
    if (object) (object['properties'] as Json)[`new${index}`] = { type: 'string' };
  },
  (api, index) => pick(operationsOf(api), index)?.parameters.push({ name: `new${index}`, in: 'query', schema: {} }),
  (api, index) => {
    const found = pick(operationsOf(api), index);
    if (found) found.responses[`4${10 + (index % 10)}`] = { content: { 'application/json': { schema: ref('A') } } };
  },
  (api, index) => {
    const item = pick(Object.values(api.paths), index);
    if (item)
      item['delete'] ??= {
        parameters: [],
        requestBody: { content: { 'application/json': { schema: {} } } },
        responses: {},
      };
  },
  (api, index) => void (api.paths[`/new${index}`] = {}),
  (api, index) => void Object.assign(api.components.schemas, { [`New${index}`]: {} }),
];

describe('for any document', () => {
  test('adding what is optional breaks nobody', () => {
    const added = fc.array(fc.tuple(fc.constantFrom(...additions), fc.nat(1_000)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(documents, added, (before, all) => {
        const after = structuredClone(before);
        for (const [add, index] of all) add(after, index);
        expect(breakingChanges(before, after)).toEqual([]);
      }),
    );
  });

  test('removing an operation is always found, at its place', () => {
    fc.assert(
      fc.property(documents, fc.nat(1_000), (before, index) => {
        const after = structuredClone(before);
        const [path, item] = pick(Object.entries(after.paths), index) ?? ['', {}];
        const method = pick(Object.keys(item), index) ?? '';
        Reflect.deleteProperty(item, method);
        const isLast = Object.keys(item).length === 0;
        const place = `/paths/${path.replaceAll('/', '~1')}`;
        expect(breakingChanges(before, after)).toContainEqual(
          expect.objectContaining(
            isLast
              ? { kind: 'path-removed', in: 'before', at: place }
              : { kind: 'operation-removed', in: 'before', at: `${place}/${method}` },
          ),
        );
      }),
    );
  });

  test('a pointer leads to something in the document that it is said to be in', () => {
    fc.assert(
      fc.property(documents, documents, (before, after) => {
        for (const change of breakingChanges(before, after)) {
          expect(at(change.in === 'before' ? before : after, change.at)).toBeDefined();
        }
      }),
    );
  });
});
