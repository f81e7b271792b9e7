// The command as a user runs it, with the small codebase of the functions host's tests.
import { describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

jest.setTimeout(60_000);

const codebase = path.join(import.meta.dirname, 'functions/fixtures/codebase');
const anyPorts = ['functions', 'firestore', 'auth', 'pubsub', 'llm'].flatMap((part) => [`--port-${part}`, '0']);

const start = (args: readonly string[], env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'start.ts'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  return { child, exit, stdout: text(child.stdout), stderr: text(child.stderr) };
};

const ready = z.strictObject({
  project: z.string(),
  org: z.string(),
  urls: z.record(z.string(), z.url()),
  env: z.record(z.string(), z.string()),
  tokens: z.record(z.string(), z.string()),
  answersFrom: z.string(),
  pids: z.strictObject({
    firestore: z.int(),
    pubsub: z.int(),
    instances: z.array(z.strictObject({ pid: z.int(), functions: z.array(z.string()) })),
  }),
});

const startReady = async () => {
  const suite = start(['--json', '--no-seed', '--functions', codebase, ...anyPorts]);
  const [chunk] = (await Promise.race([once(suite.child.stdout, 'data'), suite.exit])) as [unknown];
  const line = Buffer.isBuffer(chunk) ? chunk.toString() : '';
  if (!line) throw new Error(`It did not start: ${await suite.stderr}`);
  const summary = ready.parse(JSON.parse(line));
  const { firestore, pubsub, instances } = summary.pids;
  return { ...suite, line, summary, pids: [firestore, pubsub, ...instances.map(({ pid }) => pid)] };
};

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('npm start', () => {
  test('with --json prints one line when all works, and stops all on SIGTERM', async () => {
    const { child, exit, stdout, line, summary, pids } = await startReady();
    expect(pids.every(isAlive)).toBe(true);
    expect(Object.keys(summary.tokens)).toEqual(['main-coordinator', 'operator', 'member', 'agent']);
    expect((await fetch(`${summary.urls['functions'] ?? ''}/echo`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(await stdout).toBe(line);
    expect(line).toMatch(/^[^\n]*\n$/);
    expect(pids.some(isAlive)).toBe(false);
  });

  test('killed with SIGKILL leaves no process behind', async () => {
    const { child, exit, pids } = await startReady();
    child.kill('SIGKILL');
    await exit;
    while (pids.some(isAlive)) await pause(20);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test.each([
    ['an unknown flag', ['--wacth'], {}, '--wacth'],
    ['a codebase that cannot be loaded', ['--functions', '/nowhere', ...anyPorts], {}, '/nowhere'],
    ['an address that is none', anyPorts, { FIRESTORE_EMULATOR_HOST: 'nowhere' }, 'FIRESTORE_EMULATOR_HOST'],
  ])('tells of %s, and ends with 1', async (_, args, env, named) => {
    const { exit, stdout, stderr } = start(args, env);
    expect(await exit).toEqual([1, null]);
    expect(await stdout).toBe('');
    expect(await stderr).toContain(named);
    expect(await stderr).not.toContain('    at ');
  });
});
