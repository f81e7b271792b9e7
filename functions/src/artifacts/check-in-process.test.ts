import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { processChecker } from './check-in-process.ts';
import type { ArtifactCheck } from './schemas.ts';

const run = promisify(execFile);
/** In a process of its own. */
const runScript = async (script: string, flags: readonly string[]) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'check-'));
  const file = path.join(directory, 'script.mjs');
  try {
    await writeFile(file, script);
    return await run(process.execPath, [...flags, file]);
  } finally {
    await rm(directory, { recursive: true });
  }
};

const typescript = (content: string) => ({ kind: 'typescript' as const, content });
const turn = { org: 'acme' };
const messages = (check: ArtifactCheck) => (check.valid ? [] : check.findings.map(({ message }) => message));

describe('a check in a process of its own', () => {
  // Each further term makes the compiler look at all those before it: this takes it minutes.
  const endless = typescript(`export const a = ${'1 + '.repeat(100_000)}1;`);

  test('that would take for ever is given up, and the next is served', async () => {
    const check = processChecker({ timeoutMs: 3_000, maxHeapMb: 128 });
    const [first, second] = await Promise.all([
      check(endless, turn),
      check(typescript('export const a: string = 1;'), turn),
    ]);
    expect(messages(first)).toEqual([expect.stringContaining('too much time')]);
    expect(messages(second)).toEqual([expect.stringContaining('TS2322')]);
  }, 60_000);

  test('has its whole time from when it begins: neither the start of the process nor the loading counts', async () => {
    const check = processChecker({ timeoutMs: 1_000, maxHeapMb: 128 });
    expect(await check({ kind: 'security-rules', content: '' }, turn)).toMatchObject({ valid: false });
    expect(await check(typescript('export const a = 1;'), turn)).toMatchObject({ valid: true });
  }, 60_000);
});

describe('content that fills the memory of a check', () => {
  // The API, the smallest function that checks: 512 MiB, of which it needs some 200 itself.
  const spareMiB = 512 - 200;

  const script = `
    import { readFileSync } from 'node:fs';
    const { checkArtifact } = await import(${JSON.stringify(new URL('check.ts', import.meta.url).href)});
    const read = (file) => { try { return readFileSync(file, 'utf8'); } catch { return ''; } };
    const peakOf = (pid) => Number(/VmHWM:\\s+(\\d+)/.exec(read('/proc/' + pid + '/status'))?.[1] ?? 0) / 1024;
    const before = peakOf('self');
    const peaks = new Map();
    const look = setInterval(() => {
      for (const pid of read('/proc/self/task/' + process.pid + '/children').split(' ').filter(Boolean)) peaks.set(pid, peakOf(pid) || peaks.get(pid));
    }, 10);
    const bomb = "type F<N extends unknown[]> = N['length'] extends 999 ? N : F<[...N, 1]>; type G = F<[]>; const g: G = null as any; export { g };";
    const checks = [];
    for (const content of [bomb, bomb, 'export const a = 1;']) checks.push(await checkArtifact('typescript', content, { org: 'acme' }));
    clearInterval(look);
    console.log(JSON.stringify({ checks, peaks: [...peaks.values()], grownMiB: peakOf('self') - before }));
  `;

  test('is refused with a finding, and both processes stay within what the function has', async () => {
    const flags = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=512'];
    const { stdout } = await runScript(script, flags);
    const { checks, peaks, grownMiB } = JSON.parse(stdout) as {
      checks: ArtifactCheck[];
      peaks: number[];
      grownMiB: number;
    };
    expect(checks.map(({ valid }) => valid)).toEqual([false, false, true]);
    expect(checks.slice(0, 2).flatMap(messages)).toEqual(Array(2).fill(expect.stringContaining('too much memory')));
    expect(peaks).toHaveLength(3);
    expect(Math.max(...peaks) + grownMiB).toBeLessThan(spareMiB);
  }, 120_000);
});
