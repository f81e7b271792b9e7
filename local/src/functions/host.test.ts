// The host with a small codebase of its own (fixtures/codebase) and the real emulators.
import { PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import path from 'node:path';
import { startFirestoreEmulator, startPubsubEmulator, withPort, type Emulator } from '../emulators/index.ts';
import { startObserver, type Observer, type Report } from './fixtures/observer.ts';
import { openHost, type FunctionsHost } from './host.ts';

jest.setTimeout(60_000);

const project = 'demo-host-test';
const codebase = path.join(import.meta.dirname, 'fixtures/codebase');
const hook = path.join(import.meta.dirname, 'fixtures/hook.ts');
const wish = { host: '127.0.0.1', preferred: 0, explicit: false, flag: '' };

let observer: Observer;
let host: FunctionsHost;
let emulators: Emulator[];
let pubsub: PubSub;
let documentsUrl: string;
let functionsUrl: string;

const open = async (isolate: boolean) =>
  openHost({
    project,
    host: '127.0.0.1',
    port: 0,
    directory: codebase,
    instances: isolate ? 1 : 2,
    isolate,
    retryPolicy: { maxAttempts: 3, minBackoffMs: 10, maxBackoffMs: 40 },
    imports: [hook],
    log: () => undefined,
  });

const environment = () => ({
  inherited: { ...process.env, FUNCTIONS_EMULATOR: 'true' },
  given: { OBSERVER_URL: observer.url },
});

beforeAll(async () => {
  [observer, host] = await Promise.all([startObserver(), open(false)]);
  const functionsEmulator = `127.0.0.1:${host.port}`;
  emulators = await Promise.all([
    withPort(wish, async (port) =>
      startFirestoreEmulator({ host: wish.host, port, projectId: project, functionsEmulator }),
    ),
    withPort(wish, async (port) => startPubsubEmulator({ host: wish.host, port })),
    host.load(environment()),
  ]).then(([first, second]) => [first, second]);
  const [documents = '', messages = ''] = emulators.map(({ port }) => `127.0.0.1:${port}`);
  await host.connect({ firestore: documents, pubsub: messages });
  const clientOptions = { universeDomain: 'googleapis.com' };
  pubsub = new PubSub({ projectId: project, apiEndpoint: messages, emulatorMode: true, clientOptions });
  documentsUrl = `http://${documents}/v1/projects/${project}/databases/(default)/documents`;
  functionsUrl = `http://127.0.0.1:${host.port}/${project}/us-central1`;
});

afterAll(async () => {
  await pubsub.close();
  await host.stop();
  await Promise.all([observer.stop(), ...emulators.map(async (emulator) => emulator.stop())]);
});

const echo = async (rest = '', init: RequestInit = {}) =>
  (await (await fetch(`${functionsUrl}/echo${rest}`, init)).json()) as Record<string, unknown>;

const about = (what: string, id: string) => (report: Report) =>
  report.what === what && (report['json'] as { id?: unknown } | undefined)?.id === id;

const publish = async (topic: string, id: string) => pubsub.topic(topic).publishMessage({ json: { id } });

describe('HTTPS functions', () => {
  test('see the path after their name, the query and the body as in production', async () => {
    const body = JSON.stringify({ a: 1 });
    const headers = { 'content-type': 'application/json' };
    await expect(echo('/v1/tasks?limit=2', { method: 'POST', body, headers })).resolves.toMatchObject({
      url: '/v1/tasks?limit=2',
      method: 'POST',
      body,
    });
    await expect(echo('?limit=2')).resolves.toMatchObject({ url: '/?limit=2' });
  });

  test("run in production's environment, with the defaults of their params and the modules that were asked for", async () => {
    await expect(echo()).resolves.toMatchObject({
      greeting: 'hello',
      hooked: true,
      environment: { GCLOUD_PROJECT: project, TZ: 'UTC', NODE_ENV: 'production' },
    });
    expect((await echo())['environment']).not.toHaveProperty('FUNCTIONS_EMULATOR');
  });

  test('are spread over the instances', async () => {
    const pids = new Set((await Promise.all([echo(), echo(), echo(), echo()])).map(({ pid }) => pid));
    expect(pids).toEqual(new Set(host.instances().map(({ pid }) => pid)));
  });

  test('that do not answer in time are ended', async () => {
    expect((await fetch(`${functionsUrl}/silent`)).status).toBe(504);
  });

  test('learn when their client hangs up', async () => {
    const client = new AbortController();
    await fetch(`${functionsUrl}/stream`, { signal: client.signal });
    client.abort();
    await observer.seen(({ what }) => what === 'stream closed');
  });

  test('that do not exist are a 404; so are functions that have another trigger', async () => {
    expect((await fetch(`${functionsUrl}/absent`)).status).toBe(404);
    expect((await fetch(`${functionsUrl}/onOnce`, { method: 'POST' })).status).toBe(404);
  });
});

describe('messages', () => {
  test('arrive as the event that Eventarc sends', async () => {
    const id = await publish('fixture-retried', 'plain');
    const [report] = await observer.seen(about('retried', 'plain'));
    expect(report).toMatchObject({ id, source: `//pubsub.googleapis.com/projects/${project}/topics/fixture-retried` });
  });

  test('are delivered again after a failure when the function asks for retries', async () => {
    observer.decide((report, earlier) =>
      about('retried', 'twice')(report) && !earlier.some(about('retried', 'twice')) ? 500 : 200,
    );
    await publish('fixture-retried', 'twice');
    await observer.seen(about('retried', 'twice'), 2);
  });

  test('go to the dead-letter topic with the reason when all attempts fail', async () => {
    observer.decide((report) => (about('retried', 'poison')(report) ? 500 : 200));
    await publish('fixture-retried', 'poison');
    const [letter] = await observer.seen(about('dead letter', 'poison'));
    expect(letter?.['attributes']).toMatchObject({
      deadLetterReason: 'HTTP 500',
      CloudPubSubDeadLetterSourceDeliveryCount: '3',
      CloudPubSubDeadLetterSourceSubscription: 'eventarc-us-central1-onRetried-sub',
    });
    expect(await observer.seen(about('retried', 'poison'), 3)).toHaveLength(3);
  });

  test('are dropped after one failure when the function asks for no retries', async () => {
    observer.decide((report) => (about('once', 'dropped')(report) ? 500 : 200));
    await publish('fixture-once', 'dropped');
    await publish('fixture-once', 'next');
    await observer.seen(about('once', 'next'));
    expect(await observer.seen(about('once', 'dropped'))).toHaveLength(1);
  });

  test('survive kill -9 of their instance, without an attempt being counted', async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `killed-${index}`);
    const mine = (report: Report) => ids.some((id) => about('retried', id)(report));
    // One message takes its instance down four times, which is more often than it may fail.
    observer.decide((report, earlier) => {
      const id = (report['json'] as { id: string }).id;
      return mine(report) && id === 'killed-0' && earlier.filter(about('retried', id)).length < 4 ? 410 : 200;
    });
    await Promise.all(ids.map(async (id) => publish('fixture-retried', id)));
    await observer.seen(about('retried', 'killed-0'), 5);
    for (const id of ids) await observer.seen(about('retried', id));
    await host.whenLive();
    expect(host.instances()).toHaveLength(2);
  });
});

describe('document events', () => {
  test('arrive with the document and are delivered again after a failure', async () => {
    const mine = (report: Report) => report.what === 'note' && report['note'] === 'first';
    observer.decide((report, earlier) => (mine(report) && !earlier.some(mine) ? 500 : 200));
    const fields = { text: { stringValue: 'Wörter' }, count: { integerValue: '3' } };
    const created = await fetch(`${documentsUrl}/notes?documentId=first`, {
      method: 'POST',
      headers: { authorization: 'Bearer owner' },
      body: JSON.stringify({ fields }),
    });
    expect(created.status).toBe(200);
    const reports = await observer.seen(mine, 2);
    expect(reports[1]).toMatchObject({ note: 'first', data: { text: 'Wörter', count: 3 } });
  });
});

describe('schedules', () => {
  const fire = async (name: string) => fetch(`http://127.0.0.1:${host.port}/schedules/${name}`, { method: 'POST' });

  test("fired by hand answer with the function's outcome", async () => {
    observer.decide(() => 200);
    const answer = await fire('nightly');
    expect(answer.status).toBe(200);
    await expect(answer.json()).resolves.toMatchObject({ schedule: 'nightly', outcome: 'succeeded' });
    const [report] = await observer.seen(({ what }) => what === 'nightly');
    expect(report).toMatchObject({ jobName: 'firebase-schedule-nightly-us-central1' });
  });

  test('that fail say so', async () => {
    observer.decide(({ what }) => (what === 'nightly' ? 500 : 200));
    const answer = await fire('nightly');
    expect(answer.status).toBe(502);
    await expect(answer.json()).resolves.toMatchObject({ outcome: 'given-up', reason: 'HTTP 500' });
  });

  test('that do not exist are a 404', async () => {
    expect((await fire('absent')).status).toBe(404);
  });
});

describe('instances', () => {
  const gone = (pid: number) => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  };

  test('are replaced by a reload without a request being lost', async () => {
    const before = host.instances().map(({ pid }) => pid);
    const reloading = { done: false };
    const reload = host.reload().finally(() => (reloading.done = true));
    while (!reloading.done) expect(await echo()).toHaveProperty('pid');
    await reload;
    expect(host.instances().filter(({ pid }) => before.includes(pid))).toEqual([]);
    expect(before.every(gone)).toBe(true);
  });

  test('of isolated functions run in processes of their own under the functions-framework', async () => {
    const isolated = await open(true);
    try {
      await isolated.load(environment());
      const names = isolated.functions().map(({ name }) => name);
      expect(isolated.instances().map(({ functions }) => functions.join())).toEqual(names);
      const answer = await fetch(`http://127.0.0.1:${isolated.port}/${project}/us-central1/echo/x`);
      await expect(answer.json()).resolves.toMatchObject({
        url: '/x',
        hooked: true,
        environment: { FUNCTION_TARGET: 'echo', K_SERVICE: 'echo' },
      });
    } finally {
      const pids = isolated.instances().map(({ pid }) => pid);
      await isolated.stop();
      expect(pids.every(gone)).toBe(true);
    }
  });
});
