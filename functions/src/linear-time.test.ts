// Every parser of ours takes time in proportion to its text, whoever wrote that: eight times the text takes no more than twenty times
// the time, where a parser that reads the rest of the text again at each step would take sixty-four times as much.
import { describe, expect, test } from '@jest/globals';
import { findJsonObject } from './agents/json-object.ts';
import { parseSpecialistOutput } from './agents/output.ts';
import { parseJson } from './artifacts/json-text.ts';
import { checkMarkdown } from './artifacts/kinds/markdown.ts';
import { checkPromptTemplate } from './artifacts/kinds/prompt-template.ts';
import { checkSecurityRules } from './artifacts/kinds/security-rules.ts';
import { checkReferences } from './artifacts/openapi/references.ts';
import { survey } from './artifacts/openapi/tree.ts';
import { classifyByKeywords } from './coordination/analysis.ts';
import { apiDeprecations } from './governance/decisions/api-deprecations.ts';
import { rulesChanges } from './governance/decisions/rules-change.ts';
import { schemaMigrations } from './governance/decisions/schema-migrations.ts';
import { complianceGaps } from './governance/escalations/detect/compliance.ts';
import { breakingChanges } from './governance/escalations/detect/openapi/breaking-changes.ts';
import { rulesReader } from './governance/escalations/detect/rules-coverage.ts';
import { holdsData } from './governance/policy/data-classes.ts';
import { findExcess } from './platform/http/json-text.ts';
import { cronFault } from './scheduling/cron.ts';
import { diffLines } from './scratchpads/line-diff.ts';

const inRules = (text: string) =>
  `rules_version = '2'; service cloud.firestore { match /a { allow read: if true; } ${text}`;
const api = (path: string) => ({ openapi: '3.1.0', paths: { [path]: { get: {} } } });
const collection = (path: string) => ({ collections: [{ path, fields: { a: path } }] });
const delivery = (text: string) =>
  JSON.stringify({ summary: text, artifact: { kind: 'markdown', title: text, content: text }, concerns: [text] });

const parsers: Record<string, (text: string) => unknown> = {
  'a JSON artifact': parseJson,
  'nesting of a body': (text) => findExcess(text, { depth: 64, values: 50_000 }),
  'the object in an answer': findJsonObject,
  'an answer': (text) => parseSpecialistOutput('markdown', delivery(text)),
  Markdown: checkMarkdown,
  'a prompt template': (text) => checkPromptTemplate(JSON.stringify({ system: text, user: text, variables: [] })),
  'security rules': checkSecurityRules,
  'security rules, in a service': (text) => checkSecurityRules(inRules(text)),
  'security rules, in a path': (text) => checkSecurityRules(inRules(`match ${text}`)),
  'security rules, in a condition': (text) => checkSecurityRules(inRules(`match /b { allow read: if ${text}`)),
  'a change of rules': (text) => rulesChanges({ '/a get': [text] }, { '/a get': [`${text};`] }),
  'the coverage of rules': (text) => rulesReader(inRules(text))('a/{b}/c'),
  'deprecations of a path': (text) => apiDeprecations(api(text), api(`${text}/`)),
  'breaking changes of a path': (text) => breakingChanges(api(text), api(`${text}/`)),
  'migrations of a collection': (text) => schemaMigrations(collection(text), collection(`${text}/a`)),
  'a data class': (text) => holdsData({ fields: ['*a*b*c*', '*/*a*', '*{*}*'] }, text),
  'a cron pattern': cronFault,
  'words of a task': (text) => classifyByKeywords({ title: text, description: text, planning: 'template' }),
  'a difference by lines': (text) => diffLines(text, text.replaceAll('a', 'b')),
};

// prettier-ignore
const units = [
  '/*a', '/*', '*/', '//', '//\n', '"', '"a', '\'', '\\', '\\"', '"\\\n', '{', '}', '[', '](', '{{', '{{a', '{ ', '{"', '{"a":',
  '}{', ' ', '\n', '\t', 'a', 'a ', 'a\n', '`', '```\n', '#', '# ', '/a', '/{a}', '/{', 'match /a', 'match /a {', 'match ',
  'allow read', 'allow read: if ', 'allow a,', 'allow a ,', ' ,', '1', '1.', '-', '!', '$(', '(', '*', ',', 'auth', 'optimis', '0 * ',
];

const length = 12_000;
const factor = 8;
const most = 20;
/** Below that the clock and the compiler of the engine are what is measured. */
const leastMs = 4;

const milliseconds = (work: () => unknown): number => {
  const begun = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1_000;
};

const quickest = (work: () => unknown): number => Math.min(milliseconds(work), milliseconds(work), milliseconds(work));

/** Documents that are small as text and large by what refers to what in them, or by what is compared with what. */
const many = <T>(count: number, make: (index: number) => T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, make(index)]));
const list = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const schemas = (count: number, shared: object): object => ({
  openapi: '3.1.0',
  paths: {
    '/a': { get: { responses: { 200: { content: { json: { schema: { $ref: '#/components/schemas/all' } } } } } } },
  },
  components: {
    schemas: {
      all: { properties: many(count, () => ({ $ref: '#/components/schemas/shared', description: '' })) },
      shared,
    },
  },
});
const paths = (count: number, item: object, components: object = {}) => ({
  openapi: '3.1.0',
  paths: Object.fromEntries(list(count, (index) => [`/p${index}`, item])),
  ...components,
});
const compared = (document: object) => breakingChanges(document, structuredClone(document));
const sharedItem = { $ref: '#/components/pathItems/shared' };
const parameters = (count: number) => list(count, (index) => ({ in: 'query', name: `q${index}` }));
const alternatives = (count: number) => list(count, (index) => ({ [`scheme${index}`]: [] }));
const placeholders = (count: number) => list(count, (index) => `/{p${index}}`).join('');

const documents: Record<string, (size: number) => () => unknown> = {
  'references through references': (size) => {
    const step = (index: number) => ({ a: { $ref: `#/n${index + 1}/a/b` }, b: { $ref: `#/n${index + 1}/a/b` } });
    const root = { ...many(size / 100, step), [`n${size / 100}`]: { a: { b: {} } } };
    return () => checkReferences(root, survey(root).references);
  },
  'one long reference that is shared': (size) => {
    const shared = { $ref: `#${'/a'.repeat(size)}` };
    const root = { all: list(size, () => shared) };
    return () =>
      checkReferences(
        root,
        list(size, () => ({ where: '', target: shared.$ref })),
      );
  },
  'schemas with a shared list of values': (size) => {
    const document = schemas(size, { enum: list(size, String) });
    return () => compared(document);
  },
  'schemas with a shared list of parts': (size) => {
    const document = schemas(size, { allOf: list(size, () => ({ type: ['object'] })) });
    return () => compared(document);
  },
  'schemas with a shared list of types': (size) => {
    const document = schemas(size, { type: list(size, () => 'object') });
    return () => compared(document);
  },
  'paths with shared parameters': (size) => {
    const document = paths(size, sharedItem, {
      components: { pathItems: { shared: { get: { parameters: parameters(size) } } } },
    });
    return () => compared(document);
  },
  'operations with shared alternatives to sign in': (size) => {
    const document = paths(size, { get: {} }, { security: alternatives(size) });
    return () => compared(document);
  },
  'a path of many parameters': (size) => {
    const named = list(size, (index) => ({ in: 'path', name: `p${index}` }));
    const document = { openapi: '3.1.0', paths: { [placeholders(size)]: { get: { parameters: named } } } };
    return () => compared(document);
  },
  'rules with a long path and many statements': (size) => {
    const rules = inRules(`match ${'/a'.repeat(size)} { ${'match /{b=**} { allow read; } '.repeat(size)} }`);
    return () => rulesReader(rules)('a/b/c');
  },
  'rules for many collections': (size) => {
    const rules = inRules('match /a/{b} { allow read; } '.repeat(size));
    const collections = list(20, (index) => ({ path: `a${index}`, fields: { email: 'string' } }));
    const dataClass = { name: 'x', fields: ['*email*'], requires: ['security-rules' as const] };
    return () =>
      complianceGaps(
        { model: { collections }, rules },
        list(50, () => dataClass),
      );
  },
};

describe.each(Object.entries(documents))('a document: %s', (_, make) => {
  test('takes linear time', () => {
    const [short, long] = [make(1_000), make(1_000 * factor)];
    expect(quickest(long)).toBeLessThanOrEqual(most * Math.max(10 * leastMs, quickest(short)));
  }, 120_000);
});

describe.each(Object.entries(parsers))('%s', (_, parse) => {
  test('takes linear time whatever is repeated in it', () => {
    const slow = units.filter((unit) => {
      const textOf = (size: number) => unit.repeat(Math.ceil(size / unit.length));
      const [short, long] = [textOf(length), textOf(length * factor)];
      const limit =
        most *
        Math.max(
          leastMs,
          quickest(() => parse(short)),
        );
      return milliseconds(() => parse(long)) > limit && quickest(() => parse(long)) > limit;
    });
    expect(slow).toEqual([]);
  }, 120_000);
});
