// Every error row has a page under docs/errors and every page has a row: the `type` of a problem always leads somewhere.
import { globSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ErrorRow } from './platform/errors.ts';

const source = new URL('.', import.meta.url).pathname;
const pages = new URL('../../docs/errors/', import.meta.url).pathname;

const declaring = globSync('**/*.ts', { cwd: source })
  .filter((file) => !file.endsWith('.test.ts') && readFileSync(`${source}${file}`, 'utf8').includes('= defineErrors('))
  .sort();

const isTable = ([name]: [string, unknown]): boolean => /^\w+Errors$/.test(name) && name !== 'defineErrors';

let rows: ErrorRow[] = [];
beforeAll(async () => {
  const modules = await Promise.all(declaring.map((file) => import(`./${file}`) as Promise<Record<string, unknown>>));
  rows = modules.flatMap((module) =>
    Object.entries(module)
      .filter(isTable)
      .flatMap(([, table]) => Object.values(table as Record<string, ErrorRow>)),
  );
});

test('every file that declares errors exports them as a table', () => {
  expect(declaring.length).toBeGreaterThan(3);
  expect(new Set(rows.map(({ code }) => code.split('.')[0])).size).toBe(declaring.length);
});

test('codes are unique', () => {
  const codes = rows.map(({ code }) => code);
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
});

test('every row has a page, and every page a row', () => {
  const named = globSync('*.md', { cwd: pages }).map((file) => file.replace(/\.md$/, ''));
  expect(named.sort()).toEqual(rows.map(({ code }) => code).sort());
});

describe('a page', () => {
  test('says what its row says, and shows an example of it', () => {
    for (const { code, status, title } of rows) {
      const page = readFileSync(`${pages}${code}.md`, 'utf8');
      expect(page).toContain(`# ${code}\n`);
      expect(page).toContain(`${title}.`);
      const example = JSON.parse(/```json\n([^`]+)```/.exec(page)?.[1] ?? '{}') as Record<string, unknown>;
      expect(example).toMatchObject(
        'type' in example ? { type: `/docs/errors/${code}`, code, status, title } : { code },
      );
    }
  });
});
