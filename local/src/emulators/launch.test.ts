// How a start fails is tried with a program that stands in for Java; that it works, with the official emulators.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PortBusyError, SuiteError } from '../errors.ts';
import { startFirestoreEmulator, startPubsubEmulator, withPort } from './index.ts';

const host = '127.0.0.1';
const anyPort = { host, preferred: 0, explicit: false };

describe('with a Java that behaves as told', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'launch-'));
  });
  beforeEach(() => {
    rmSync(root, { recursive: true });
    mkdirSync(join(root, 'bin'), { recursive: true });
    mkdirSync(join(root, 'cache'));
    for (const version of ['1.20.0', '1.19.0']) jar(version);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const jar = (version: string) => writeFileSync(join(root, 'cache', `cloud-firestore-emulator-v${version}.jar`), '');

  /** The body of a script that gets the emulator's command line as `args`, and its port as `port`. */
  const javaThat = (body: string, version = 'openjdk version "17.0.1"') => {
    const script = `#!${process.execPath}
      const args = process.argv.slice(2);
      const port = Number(/--port=(\\d+)/.exec(args.join(' '))?.[1]);
      const serve = () => require('http').createServer((_, response) => response.end('Ok')).listen(port, '${host}');
      if (args[0] === '-version') { console.error('${version}'); process.exit(); }
      ${body}`;
    writeFileSync(join(root, 'bin', 'java'), script);
    chmodSync(join(root, 'bin', 'java'), 0o755);
  };
  const env = () => ({ ...process.env, JAVA_HOME: root, FIREBASE_EMULATORS_PATH: join(root, 'cache') });
  const start = (port: number) => startFirestoreEmulator({ host, port }, env());
  const announce = `console.log('Dev App Server is now running.');`;

  test('is ready once it has said so and answers, in whatever order', async () => {
    javaThat(`${announce} setTimeout(serve, 100)`);
    const emulator = await withPort(anyPort, start);
    expect((await fetch(`http://${host}:${emulator.port}/`)).status).toBe(200);
    await emulator.stop();
    await expect(emulator.exited).resolves.toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('takes the newest version that this Java can run', async () => {
    javaThat(`if (args.some((arg) => arg.endsWith('v1.20.0.jar'))) {
      console.error('java.lang.UnsupportedClassVersionError: X (class file version 65.0)'); process.exit(1);
    }
    ${announce} console.log(args.find((arg) => arg.endsWith('.jar'))); serve();`);
    const emulator = await withPort(anyPort, start);
    expect(emulator.output()).toContain('cloud-firestore-emulator-v1.19.0.jar');
    await emulator.stop();
  });

  test('says which Java is needed when this one is too old for all versions', async () => {
    javaThat(`console.error('java.lang.UnsupportedClassVersionError: X (class file version 65.0)'); process.exit(1);`);
    const only = { ...env(), FIRESTORE_EMULATOR_BINARY_PATH: join(root, 'cache/cloud-firestore-emulator-v1.20.0.jar') };
    await expect(startFirestoreEmulator({ host, port: 1 }, only)).rejects.toMatchObject({
      message: 'The installed firestore emulator needs Java 21.',
      whatToDo: expect.stringContaining('Java 17'),
    });
  });

  test('says that Java is missing', async () => {
    const none = { ...env(), JAVA_HOME: '', PATH: join(root, 'nowhere') };
    await expect(startFirestoreEmulator({ host, port: 1 }, none)).rejects.toThrow(/Java is not installed/);
  });

  test('shows what it printed when it ends at once', async () => {
    javaThat(`console.error('some trouble'); process.exit(1);`);
    await expect(start(1)).rejects.toMatchObject({ whatToDo: expect.stringContaining('some trouble') });
    await expect(start(1)).rejects.toThrow(SuiteError);
  });

  test("does not take another suite's emulator on the same port for its own, and finds another port", async () => {
    const others = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    await once(others.listen(0, host), 'listening');
    const { port: busy } = others.address() as AddressInfo;
    // Like the Pub/Sub emulator, which complains and then hangs.
    javaThat(`if (port === ${busy}) { setTimeout(() => console.error('java.net.BindException: Address already in use'), 50);
      setInterval(() => {}, 1000); } else { ${announce} serve(); }`);
    await expect(start(busy)).rejects.toThrow(PortBusyError);
    let first = true;
    const emulator = await withPort(anyPort, (port) => {
      const chosen = first ? busy : port;
      first = false;
      return start(chosen);
    });
    expect(emulator.port).not.toBe(busy);
    await emulator.stop();
    await once(others.close(), 'close');
  });
});

describe('the official emulators', () => {
  test('start side by side, serve, and leave their ports when stopped', async () => {
    const [firestore, pubsub] = await Promise.all([
      withPort(anyPort, (port) => startFirestoreEmulator({ host, port })),
      withPort(anyPort, (port) => startPubsubEmulator({ host, port })),
    ]);
    const documents = `http://${host}:${firestore.port}/v1/projects/demo-x/databases/(default)/documents/people/ada`;
    const written = await fetch(documents, { method: 'PATCH', body: '{"fields":{"born":{"integerValue":"1815"}}}' });
    expect(written.status).toBe(200);
    const topic = await fetch(`http://${host}:${pubsub.port}/v1/projects/demo-x/topics/things`, { method: 'PUT' });
    expect(topic.status).toBe(200);
    await Promise.all([firestore.stop(), pubsub.stop()]);
    await expect(fetch(documents)).rejects.toThrow();
  }, 60_000);

  test('are told apart from whoever else holds their port', async () => {
    const other = createServer();
    await once(other.listen(0, host), 'listening');
    const { port } = other.address() as AddressInfo;
    const starts = [startFirestoreEmulator, startPubsubEmulator].map((start) => start({ host, port }));
    const outcomes = await Promise.allSettled(starts);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason instanceof PortBusyError)).toEqual(
      [true, true],
    );
    await once(other.close(), 'close');
  }, 60_000);
});
