import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startFirestoreEmulator, withPort, type Emulator } from '../emulators/index.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { EventRequest } from './invoke.ts';
import { watchDocuments, type WatchedDocuments } from './watched-documents.ts';

const host = '127.0.0.1';
const project = 'demo-watched';
let emulator: Emulator;
let documents: WatchedDocuments;
const events: EventRequest[] = [];
const logged: string[] = [];
const received = Promise.withResolvers<undefined>();

const functionOn = (name: string, eventType: string) => ({
  name,
  entryPoint: name,
  concurrency: 1,
  maxInstances: 1,
  region: 'us-central1',
  timeoutMs: 1_000,
  trigger: {
    kind: 'firestore' as const,
    eventType: `google.cloud.firestore.document.v1.${eventType}`,
    database: '(default)',
    namespace: '(default)',
    document: 'orgs/{org}/tasks/{task}',
    pattern: true,
    retry: true,
  },
});

const create = async (path: string, id: string) => {
  const url = `http://${host}:${emulator.port}/v1/projects/${project}/databases/(default)/documents/${path}?documentId=${id}`;
  const body = JSON.stringify({ fields: { title: { stringValue: id } } });
  const answer = await fetch(url, { method: 'POST', headers: { authorization: 'Bearer owner' }, body });
  expect(answer.status).toBe(200);
};

const dispatcher: Dispatcher = {
  dispatch: async (_spec, event) => {
    events.push(event);
    received.resolve(undefined);
    return Promise.resolve({ outcome: 'succeeded', tally: { failures: 0, interruptions: 0 } });
  },
};

const options = () => ({
  project,
  server: `${host}:${emulator.port}`,
  functions: [functionOn('onCreated', 'created'), functionOn('onDeleted', 'deleted')],
  dispatcher,
  retryPolicy: { maxAttempts: 1, minBackoffMs: 1, maxBackoffMs: 1 },
  log: (line: string) => logged.push(line),
});

beforeAll(async () => {
  emulator = await withPort({ host, preferred: 0, explicit: false, flag: '' }, async (port) =>
    startFirestoreEmulator({ host, port }),
  );
  documents = await watchDocuments(options());
}, 30_000);

afterAll(async () => {
  await documents.stop();
  await emulator.stop();
});

test('a created document that matches the pattern becomes one event with its content, and no other does', async () => {
  await create('orgs/acme/tasks/t/notes', 'n1');
  await create('orgs/acme/tasks', 't1');
  await received.promise;
  expect(events.map(({ headers }) => headers['ce-document'])).toEqual(['orgs/acme/tasks/t1']);
  expect(JSON.parse(events[0]?.body.toString() ?? '')).toMatchObject({
    value: { fields: { title: { stringValue: 't1' } } },
  });
  expect(logged).toEqual([expect.stringContaining('onDeleted')]);
});

test('an address where nobody answers is a clear error', async () => {
  const nobody = watchDocuments({ ...options(), server: `${host}:1` });
  await expect(nobody).rejects.toMatchObject({ message: `No Firestore emulator answers at ${host}:1.` });
});
