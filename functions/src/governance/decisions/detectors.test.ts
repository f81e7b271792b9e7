// What the facts show: deprecations, migrations and changed rules, read off two versions of a design.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { apiDeprecations } from './api-deprecations.ts';
import { rulesDiffer } from './rules-change.ts';
import { schemaMigrations } from './schema-migrations.ts';
import type { DataModel } from './schemas.ts';

const api = (paths: object, components: object = {}) => ({ openapi: '3.1.0', paths, components });
const live = {};
const old = { deprecated: true };

describe('API deprecations', () => {
  test('are the operations newly marked and those that are gone', () => {
    const before = api({ '/a': { get: live, put: live }, '/b': { delete: live } });
    const after = api({ '/a': { get: old, put: live } });
    expect(apiDeprecations(before, after)).toEqual(['GET /a is deprecated', 'DELETE /b is withdrawn']);
  });

  test('are not those that were deprecated before, nor new operations', () => {
    expect(apiDeprecations(api({ '/a': { get: old } }), api({ '/a': { get: old, post: live } }))).toEqual([]);
  });

  test('do not depend on what a path calls its parameters', () => {
    expect(apiDeprecations(api({ '/a/{id}': { get: live } }), api({ '/a/{pad}': { get: live } }))).toEqual([]);
    expect(apiDeprecations(api({ '/a/{id}': { get: live } }), api({ '/a/{pad}': { get: old } }))).toHaveLength(1);
  });

  test('are found behind a reference to a shared path item', () => {
    const item = { $ref: '#/components/pathItems/Pads' };
    const after = api({ '/a': item }, { pathItems: { Pads: { get: old } } });
    expect(apiDeprecations(api({ '/a': { get: live } }), after)).toEqual(['GET /a is deprecated']);
  });

  test('without a previous contract are all that it marks', () => {
    expect(apiDeprecations(undefined, api({ '/a': { get: old, put: live } }))).toEqual(['GET /a is deprecated']);
  });

  test('are found, or not, in any value without failing', () => {
    fc.assert(fc.property(fc.anything(), fc.anything(), (a, b) => void apiDeprecations(a, b)));
    fc.assert(fc.property(fc.jsonValue(), (paths) => expect(apiDeprecations({ paths }, { paths })).toEqual([])));
  });
});

const fields = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.constantFrom('string', 'integer', 'timestamp'));
const dataModel = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fields)
  .map((all): DataModel => ({ collections: Object.entries(all).map(([path, each]) => ({ path, fields: each })) }));
const one = (path: string, all: Record<string, string>): DataModel => ({ collections: [{ path, fields: all }] });

describe('schema migrations', () => {
  test('are removed collections, removed fields and changed types', () => {
    expect(schemaMigrations(one('pads', { a: 'string', b: 'integer' }), one('pads', { a: 'integer' }))).toEqual([
      'pads: a changes from string to integer',
      'pads: b is removed',
    ]);
    expect(schemaMigrations(one('pads', {}), one('notes', {}))).toEqual(['pads is removed']);
  });

  test('are not renamed path labels, nor layout', () => {
    expect(
      schemaMigrations(one('/orgs/{org}/pads', { a: 'map of  string' }), one('orgs/{o}/pads', { a: 'map of string ' })),
    ).toEqual([]);
  });

  test('never come from what is added', () => {
    fc.assert(
      fc.property(dataModel, dataModel, (before, more) => {
        const grown = before.collections.map(({ path, fields: own }) => {
          const added = more.collections.find((each) => each.path === path)?.fields ?? {};
          return { path, fields: { ...added, ...own } };
        });
        const rest = more.collections.filter(({ path }) => !before.collections.some((each) => each.path === path));
        expect(schemaMigrations(before, { collections: [...grown, ...rest] })).toEqual([]);
      }),
    );
  });

  test('always come from a field that is gone', () => {
    fc.assert(
      fc.property(dataModel, (after) => {
        const before = after.collections.map(({ path, fields: own }) => ({ path, fields: { ...own, GONE: 'string' } }));
        expect(schemaMigrations({ collections: before }, after)).toEqual(
          before.map(({ path }) => `${path}: GONE is removed`),
        );
      }),
    );
  });
});

const tokens = [
  'service',
  'match',
  '/pads/{pad}',
  '{',
  '}',
  'allow',
  'if',
  'true',
  '&&',
  '==',
  "'a // b'",
  '"c"',
  '1.5',
];
const rules = fc.array(fc.constantFrom(...tokens), { minLength: 1, maxLength: 20 });
const gap = fc.constantFrom(' ', '\n\t', ' // a note\n', ' /* another\n note */ ');

describe('security rules', () => {
  test('do not change by comments and layout', () => {
    fc.assert(
      fc.property(rules, fc.array(gap, { minLength: 20, maxLength: 20 }), (all, gaps) => {
        const relaid = all.map((each, index) => `${gaps[index] ?? ''}${each}`).join(' ');
        expect(rulesDiffer(all.join(' '), relaid)).toBe(false);
      }),
    );
  });

  test('change by any token', () => {
    fc.assert(
      fc.property(rules, fc.nat(), (all, at) => {
        const changed = all.with(at % all.length, 'other');
        expect(rulesDiffer(all.join(' '), changed.join(' '))).toBe(true);
      }),
    );
  });

  test.each([
    ["allow read: if a == 'x // y';", "allow read: if a == 'x // z';"],
    ["allow read: if a == 'x  y';", "allow read: if a == 'x y';"],
    ['allow read: if a;', 'allow read: if a && b;'],
    ["allow read: if a == '\\'//';", "allow read: if a == '\\'';"],
    ['allowread', 'allow read'],
  ])('%s and %s differ', (before, after) => {
    expect(rulesDiffer(before, after)).toBe(true);
  });
});
