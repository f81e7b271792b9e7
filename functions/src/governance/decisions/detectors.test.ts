// What the facts show: deprecations, migrations and changed rules, read off two versions of a design.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { apiDeprecations } from './api-deprecations.ts';
import { retentionChanges } from './retention-changes.ts';
import { rulesChanges } from './rules-change.ts';
import { schemaMigrations } from './schema-migrations.ts';
import type { DataModel } from './schemas.ts';
import { newThirdParties } from './third-parties.ts';

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

const tokens = ['request', '.', 'auth', '!=', 'null', '&&', '==', "'a // b'", '"c"', '1.5'];
const condition = fc.array(fc.constantFrom(...tokens), { minLength: 1, maxLength: 20 });
const gap = fc.constantFrom(' ', '\n\t', ' // a note\n', ' /* another\n note */ ');
const allow = (text: string) => ({ '/pads/{} get': [text] });

describe('security rules', () => {
  test('do not change by comments and layout', () => {
    fc.assert(
      fc.property(condition, fc.array(gap, { minLength: 20, maxLength: 20 }), (all, gaps) => {
        const relaid = all.map((each, index) => `${gaps[index] ?? ''}${each}`).join(' ');
        expect(rulesChanges(allow(all.join(' ')), allow(relaid))).toEqual([]);
      }),
    );
  });

  test('change by any token', () => {
    fc.assert(
      fc.property(condition, fc.nat(), (all, at) => {
        const changed = all.with(at % all.length, 'other');
        expect(rulesChanges(allow(all.join(' ')), allow(changed.join(' ')))).toEqual(['/pads/{} get is changed']);
      }),
    );
  });

  test.each([
    ["a == 'x // y'", "a == 'x // z'"],
    ["a == 'x  y'", "a == 'x y'"],
    ['a', 'a && b'],
    ["a == '\\'//'", "a == '\\''"],
    ['ab', 'a b'],
  ])('%s and %s differ', (before, after) => {
    expect(rulesChanges(allow(before), allow(after))).not.toEqual([]);
  });

  test('do not change by what is added for other paths, or by a function that nothing called before', () => {
    const added = { ...allow('a'), '/notes/{} get': ['b'], 'function  isOwner': ['isOwner() { return a; }'] };
    expect(rulesChanges(allow('a'), added)).toEqual([]);
  });

  test.each([
    ['an operation of a path that had rules', '/pads/{} delete'],
    ['a path that reaches over all others', '/{**} get'],
  ])('change by %s', (_, key) => {
    expect(rulesChanges(allow('a'), { ...allow('a'), [key]: ['true'] })).toEqual([`${key} is new`]);
  });

  test('change by what is removed, and by a function that says something else', () => {
    const before = { ...allow('a'), 'function  isOwner': ['isOwner() { return a; }'] };
    const after = { 'function  isOwner': ['isOwner() { return true; }'] };
    expect(rulesChanges(before, after)).toEqual(['/pads/{} get is removed', 'function  isOwner is changed']);
  });
});

describe('services of others', () => {
  test('are known by name, in whatever sentence', () => {
    const current = {
      dependencies: ['Payments through Stripe', 'Firestore'],
      modelProviders: ['Mistral mistral-large'],
    };
    expect(newThirdParties({}, current, false)).toEqual(['stripe', 'mistral']);
  });

  test('are new once', () => {
    const current = { dependencies: ['Stripe for refunds'] };
    expect(newThirdParties({ dependencies: ['Payments through Stripe'] }, current, true)).toEqual([]);
  });

  test.each([
    'Firestore',
    'Cloud Storage for uploads',
    'Pub/Sub',
    'Firebase Auth',
    'The orders service',
    'A list of boxes',
  ])('are none: %s', (dependency) => {
    expect(newThirdParties({}, { dependencies: [dependency] }, false)).toEqual([]);
  });

  test('that no list knows count when the specialist states one and the service depends on it anew', () => {
    const [previous, current] = [
      { dependencies: ['Firestore', 'Orders API'] },
      { dependencies: ['Acme OCR', 'Orders API', 'Firestore'] },
    ];
    expect(newThirdParties(previous, current, true)).toEqual(['Acme OCR']);
    expect(newThirdParties(previous, current, false)).toEqual([]);
  });
});

describe('retention', () => {
  const kept = (fields: Record<string, string>): DataModel => ({ collections: [{ path: 'pads', fields }] });

  test.each([
    ['added', {}, { expiresAt: 'timestamp' }],
    ['removed', { ttl: 'timestamp' }, {}],
    ['changed', { at: 'timestamp (TTL 30 days)' }, { at: 'timestamp (TTL 1 day)' }],
  ])('changes when it is %s', (_, before, after) => {
    expect(retentionChanges(kept(before), kept(after))).toHaveLength(1);
  });

  test('that changes its words only is no migration of the schema', () => {
    const [before, after] = [kept({ at: 'timestamp (TTL 30 days)' }), kept({ at: 'timestamp (TTL 1 day)' })];
    expect(schemaMigrations(before, after)).toEqual([]);
    expect(schemaMigrations(before, kept({ at: 'string (TTL 1 day)' }))).toHaveLength(1);
  });

  test('of a new collection, and other fields, say nothing', () => {
    expect(retentionChanges({ collections: [] }, kept({ expiresAt: 'timestamp' }))).toEqual([]);
    expect(retentionChanges(kept({ title: 'string' }), kept({ title: 'text', experts: 'list' }))).toEqual([]);
  });
});
