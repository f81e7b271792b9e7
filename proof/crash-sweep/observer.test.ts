import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { directoryVariable, readJournal, writeSchedule, type Point } from './control.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'observer-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const urlOf = (file: string) => pathToFileURL(path.join(import.meta.dirname, file)).href;

/** A process that crosses three times and says after each that the effect was done. */
const program = `
  const { cross } = await import('${urlOf('../../functions/src/platform/crossings.ts')}');
  for (const name of ['one', 'two', 'three']) {
    await cross('llm.call', async () => { process.stdout.write('done ' + name + ' '); });
    process.stdout.write('told ');
  }`;

const runProcess = (run: string, points: readonly Point[]) => {
  writeSchedule(directory, { run, points: [...points] });
  const args = ['--import', urlOf('observer.ts'), '--input-type=module', '--eval', program];
  const env = { ...process.env, [directoryVariable]: directory };
  const { signal, stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  return { signal, said: stdout.trim() };
};

const at = (when: Point['when'], occurrence: number): Point => ({ kind: 'llm.call', when, occurrence });

describe('the observer in a functions process', () => {
  test('writes down every crossing and kills nothing without a point', () => {
    const { signal, said } = runProcess('count', []);
    expect([signal, said]).toEqual([null, 'done one told done two told done three told']);
    expect(readJournal(directory, 'count').map(({ when, occurrence }) => `${when} ${occurrence}`)).toEqual([
      'before 1',
      'after 1',
      'before 2',
      'after 2',
      'before 3',
      'after 3',
    ]);
  });

  test('dies before the effect', () => {
    expect(runProcess('before', [at('before', 2)])).toEqual({ signal: 'SIGKILL', said: 'done one told' });
  });

  test('dies after the effect and before anybody is told', () => {
    expect(runProcess('after', [at('after', 2)])).toEqual({ signal: 'SIGKILL', said: 'done one told done two' });
  });

  test('dies once for each point: the next process goes by the next one', () => {
    const points = [at('before', 1), at('after', 3)];
    expect(runProcess('pair', points)).toEqual({ signal: 'SIGKILL', said: '' });
    expect(runProcess('pair', points).said).toBe('done one told done two told done three');
    expect(runProcess('pair', points).signal).toBeNull();
    expect(readJournal(directory, 'pair').filter(({ killed }) => killed)).toHaveLength(2);
  });
});
