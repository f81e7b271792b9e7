// Writes docs/openapi.json from the routes. With --check it changes nothing and fails when the file is not what the routes say, or
// when the document does not pass the linter.
import { readFile, writeFile } from 'node:fs/promises';
import { createConfig, formatProblems, getTotals, lintFromString } from '@redocly/openapi-core';
import { makeApi } from './src/api.ts';
import { describeApi } from './src/openapi-document.ts';

const file = new URL('../docs/openapi.json', import.meta.url);

const document = `${JSON.stringify(describeApi(makeApi()), null, 2)}\n`;

const lint = async () => {
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source: document, absoluteRef: file.pathname, config });
  const totals = getTotals(problems);
  formatProblems(problems, { totals, format: 'stylish', cwd: process.cwd(), version: '' });
  return totals.errors + totals.warnings;
};

const fail = (message: string) => {
  console.error(message);
  process.exitCode = 1;
};

if ((await lint()) > 0) fail('The OpenAPI document does not pass the linter: see above.');
if (!process.argv.includes('--check')) await writeFile(file, document);
else if ((await readFile(file, 'utf8').catch(() => '')) !== document) {
  fail('docs/openapi.json is not what the routes say. Run: node functions/openapi.ts');
}
