import { describe, expect, test } from '@jest/globals';
import { checkTypescript } from './typescript.ts';

const findingsOf = async (source: string) => {
  const check = await checkTypescript(source);
  return check.valid ? [] : check.findings;
};

const firebaseFunction = `
import { getFirestore, type DocumentReference } from 'firebase-admin/firestore';
import * as logger from 'firebase-functions/logger';
import { HttpsError, onRequest, type Request } from 'firebase-functions/v2/https';
import assert from 'node:assert';
import type { Extraction } from './extraction.ts';

interface Upload extends Request { documentId: string }
class TooLarge extends HttpsError {
  override get code() { return 'out-of-range'; }
}

const find = async (id: string): Promise<Extraction | undefined> => {
  const reference: DocumentReference<Extraction> = getFirestore().doc(\`documents/\${id}\`);
  return (await reference.get()).data();
};

const sizeOf = (text?: string) => { assert(text); return Buffer.from(text).length; };
const required = (name: string) => {
  const value: string | undefined = process.env[name];
  if (value === undefined) process.exit(1);
  return value.length;
};

export const extract = onRequest({ memory: '1GiB' }, async (request: Upload, response) => {
  const extraction = await find(request.documentId);
  if (!extraction) throw new TooLarge('not-found', 'There is no such document.');
  logger.info('extracted', { size: sizeOf(extraction.text), limit: required('LIMIT'), at: new URL(request.url), timer: setTimeout(() => {}, 1) });
  response.json({ fields: extraction.fields.map((field) => field.name) });
});
`;

describe('checkTypescript', () => {
  test('accepts a function whose imports and globals are not there', async () => {
    expect(await findingsOf(firebaseFunction)).toEqual([]);
    expect(await checkTypescript('export const a = 1;\n')).toEqual({
      valid: true,
      metrics: { lines: 2 },
      verdict: null,
      concerns: [],
      findings: [],
    });
  });

  test('accepts modules imported whole, on demand, in the old way and with additions', async () => {
    const source = `
      import * as admin from 'firebase-admin';
      import old = require('old');
      declare module 'express' { interface Request { user: string } }
      import type { Request } from 'express';
      const now: admin.firestore.Timestamp = admin.firestore.Timestamp.now();
      const { part } = await import('./part.ts');
      export const all = [now, old.a, part.b, (request: Request) => request.user];
      export * from './more.ts';
      export { other } from './other.ts';`;
    expect(await findingsOf(source)).toEqual([]);
  });

  test.each([
    ['const a: number = "x"; export { a };', '1:7', 2322],
    ['export const f = (x: string) => x.foo;', '1:35', 2339],
    ['const f = (x: string) => x;\nexport const a = f(1);', '2:20', 2345],
    ['export const f = (x?: string) => x.length;', '1:34', 18048],
    ['class A {}\nexport const a = new A(1);', '2:24', 2554],
    ['export async function f(): Promise<number> { return "1"; }', '1:46', 2322],
    ['const a = 1;\na = 2;', '2:1', 2588],
    ['interface A { a: string }\nexport const x: A = { b: 1 };', '2:23', 2353],
    ['import { A } from "a";\nexport const n: number = [new A()].length.toFixed();', '2:14', 2322],
  ])('finds what is wrong wherever the file stands: %j', async (source, where, code) => {
    expect(await findingsOf(source)).toEqual([{ where, message: expect.stringContaining(`TS${code}: `) }]);
  });

  test('finds every error of syntax, and then nothing else', async () => {
    const found = await findingsOf('const a: number = "x";\nconst b = ;\n');
    expect(found).toEqual([{ where: '2:11', message: 'TS1109: Expression expected.' }]);
  });

  test('sees no file of this machine', async () => {
    const source = `/// <reference path="${import.meta.dirname}/../schemas.ts" />\nimport { artifactKinds } from '${import.meta.dirname}/../schemas.ts';\nexport const n: number = artifactKinds;`;
    expect(await findingsOf(source)).toEqual([]);
  });

  test('refuses code that nests beyond the compiler', async () => {
    expect(await findingsOf(`export const a = ${'['.repeat(50_000)}`)).toEqual([
      { where: '1:1', message: expect.stringContaining('nests too deeply') },
    ]);
  });

  test('answers checks that are asked for at once each with its own result', async () => {
    const sources = Array.from(
      { length: 8 },
      (_, index) => `export const a: ${index % 2 ? 'string' : 'number'} = ${index};`,
    );
    const checks = await Promise.all(sources.map(checkTypescript));
    expect(checks.map(({ valid }) => valid)).toEqual(sources.map((_, index) => index % 2 === 0));
  });
});
