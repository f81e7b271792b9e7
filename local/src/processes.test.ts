import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnChild } from './processes.ts';

const node = process.execPath;

const until = async (condition: () => boolean) => {
  while (!condition()) await delay(5);
};

// A process that nobody awaits may stay in the process table for a while after its death, but its connections close at once.
let lifelines: Server;
beforeAll(async () => {
  lifelines = createServer();
  await once(lifelines.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  lifelines.close();
});

/** Source text of a program that holds a connection to the test for as long as it lives. */
const lifeline = () => `require('net').connect(${(lifelines.address() as AddressInfo).port}, '127.0.0.1')`;

/** Resolves with a function that awaits the death of the next program that runs `lifeline`. */
const nextLife = async () => {
  const [socket] = (await once(lifelines, 'connection')) as [Socket];
  const death = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
  socket.resume();
  return { death };
};

/** A program that prints its process id and then runs until it is ended. */
const runsOn = (before = '') => ['-e', `${before}; console.log(process.pid); setInterval(() => {}, 1000);`];

describe('spawnChild', () => {
  test('tells the output of both streams and how the program ended', async () => {
    const child = spawnChild({
      command: node,
      args: ['-e', 'console.log("out " + process.argv[1]); console.error("err"); process.exitCode = 3', 'a "b" $c'],
    });
    await expect(child.exited).resolves.toEqual({ code: 3, signal: null });
    expect(child.output().split('\n').sort()).toEqual(['', 'err', 'out a "b" $c']);
  });

  test('keeps the end of a long output', async () => {
    const child = spawnChild({ command: node, args: ['-e', 'console.log("x".repeat(200_000) + "end")'] });
    await child.exited;
    expect(child.output()).toMatch(/x{1000}end\n$/);
    expect(child.output().length).toBeLessThanOrEqual(64 * 1024);
  });

  test('P1: the pid is that of the program itself', async () => {
    const child = spawnChild({ command: node, args: runsOn() });
    await until(() => child.output() !== '');
    expect(child.output().trim()).toBe(String(child.pid));
    process.kill(child.pid, 'SIGKILL');
    await expect(child.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('a command that does not exist ends with 127', async () => {
    const child = spawnChild({ command: 'no-such-command', args: [] });
    await expect(child.exited).resolves.toEqual({ code: 127, signal: null });
  });

  test('stop lets the program end by itself, also when called twice', async () => {
    const child = spawnChild({ command: node, args: runsOn('process.on("SIGTERM", () => process.exit(7))') });
    await until(() => child.output() !== '');
    await Promise.all([child.stop(), child.stop()]);
    await expect(child.exited).resolves.toEqual({ code: 7, signal: null });
    await child.stop();
  });

  test('stop kills a program that does not end in time, and what it started', async () => {
    const life = nextLife();
    const start = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(lifeline())}])`;
    const child = spawnChild({ command: node, args: runsOn(`process.on('SIGTERM', () => {}); ${start}`) });
    const { death } = await life;
    await child.stop(20);
    await expect(child.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    await death;
  });

  test('P2: the program ends when the suite is killed', async () => {
    const life = nextLife();
    const source = JSON.stringify(new URL('./processes.ts', import.meta.url).href);
    const args = JSON.stringify(runsOn(`process.on('SIGTERM', () => {}); ${lifeline()}`));
    const script = `import { spawnChild } from ${source}; spawnChild({ command: process.execPath, args: ${args} });`;
    const suite = spawn(node, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] });
    const { death } = await life;
    suite.kill('SIGKILL');
    await death;
  });
});
