import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PortBusyError } from '../errors.ts';
import { choosePort, withPort } from './ports.ts';

const host = '127.0.0.1';
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => once(server.close(), 'close')));
});

/** Binds a port as another suite would; rejects with PortBusyError when it is taken. */
const bind = async (port: number): Promise<number> => {
  const server = createServer();
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    throw new PortBusyError(port);
  }
  servers.push(server);
  return (server.address() as { port: number }).port;
};

const wish = (preferred: number, explicit = false) => ({ host, preferred, explicit, flag: '--firestore-port' });

const released = async (): Promise<number> => {
  const port = await bind(0);
  const server = servers.pop();
  server?.close();
  return port;
};

describe('choosePort', () => {
  test('takes the preferred port when it is free', async () => {
    const port = await released();
    await expect(choosePort(wish(port))).resolves.toBe(port);
  });

  test('takes a free port when the preferred one is busy', async () => {
    const busy = await bind(0);
    const port = await choosePort(wish(busy));
    expect(port).not.toBe(busy);
    await expect(bind(port)).resolves.toBe(port);
  });

  test('names the port and the flag when the busy port was asked for', async () => {
    const busy = await bind(0);
    await expect(choosePort(wish(busy, true))).rejects.toMatchObject({
      message: `Port ${busy} is already in use.`,
      whatToDo: expect.stringContaining('--firestore-port'),
    });
  });
});

describe('withPort', () => {
  test('suites that start at once each get a port of their own', async () => {
    const preferred = await released();
    const ports = await Promise.all(Array.from({ length: 8 }, () => withPort(wish(preferred), bind)));
    expect(new Set(ports).size).toBe(8);
    expect(ports).toContain(preferred);
  });

  test('does not look for another port when this one was asked for', async () => {
    const preferred = await released();
    const taken = Promise.all([1, 2].map(() => withPort(wish(preferred, true), bind)));
    await expect(taken).rejects.toMatchObject({ whatToDo: expect.stringContaining('--firestore-port') });
  });

  test('passes on every other failure at once', async () => {
    let calls = 0;
    const start = () => {
      calls++;
      return Promise.reject(new Error('broken'));
    };
    await expect(withPort(wish(0), start)).rejects.toThrow('broken');
    expect(calls).toBe(1);
  });

  test('gives up when every port is lost to someone else', async () => {
    await expect(withPort(wish(0), (port) => Promise.reject(new PortBusyError(port)))).rejects.toThrow(PortBusyError);
  });
});
