import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { widthOf } from './text.ts';
import { filesOf, type MadeFile, writeFiles } from './files.ts';

type Records = Parameters<typeof filesOf>[1];

const records = (artifacts: Records['artifacts']) =>
  ({ artifacts, scratchpad: { markdown: '# Pad' }, report: { agent: 'backend-coordinator' } }) as unknown as Records;

const namesOf = (files: readonly MadeFile[]) => files.map((file) => path.basename(file.path));

describe('the files of a task', () => {
  test('are its artifacts by their kinds, its scratchpad and its report', () => {
    const files = filesOf(
      'Add search',
      records([
        { id: 'contract', kind: 'openapi', content: '{}' },
        { id: 'contract-2', kind: 'openapi', content: 'openapi: 3.1.0' },
        { id: 'code', kind: 'typescript', content: '' },
        { id: 'rules', kind: 'security-rules', content: '' },
        { id: 'review', kind: 'code-review', content: '{}' },
      ]),
    );
    expect(namesOf(files)).toEqual([
      'contract.openapi.json',
      'contract-2.openapi.yaml',
      'code.ts',
      'rules.rules',
      'review.json',
      'scratchpad.md',
      'report.json',
    ]);
  });

  test.each(['../../etc/passwd', 'a/b\\c', '...', '日本語のタイトル', '🙂'])(
    'stay below the folder whatever the title: %s',
    (title) => {
      for (const file of filesOf(title, records([{ id: '../x', kind: 'markdown', content: '' }]))) {
        expect(path.normalize(file.path).split(path.sep)).toHaveLength(3);
        expect(file.path).toMatch(/^demo-out/);
      }
    },
  );
});

test('the folder of a long title has whole words and no more than 40 columns', () => {
  const folder = (title: string) => filesOf(title, records([]))[0]?.path.split(path.sep)[1] ?? '';
  expect(folder('We need to add a new endpoint for extracting metadata')).toBe('we-need-to-add-a-new-endpoint-for');
  expect(widthOf(folder('メタデータ'.repeat(20)))).toBeLessThanOrEqual(40);
});

describe('writing them', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'demo-out-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('replaces what an earlier run left', async () => {
    const file = (name: string, content: string) => ({
      path: path.join(folder, 'task', name),
      kind: 'markdown',
      content,
    });
    await writeFiles([file('old.md', 'old'), file('kept.md', 'old')]);
    await writeFiles([file('kept.md', 'new')]);
    expect(await readdir(path.join(folder, 'task'))).toEqual(['kept.md']);
    expect(await readFile(path.join(folder, 'task', 'kept.md'), 'utf8')).toBe('new');
  });
});
