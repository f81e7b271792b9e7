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
let arrived: () => void = () => undefined;

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

beforeAll(async () => {
  emulator = await withPort({ host, preferred: 0, explicit: false, flag: '' }, async (port) =>
    startFirestoreEmulator({ host, port }),
  );
  const dispatcher: Dispatcher = {
    dispatch: async (_spec, event) => {
      events.push(event);
      arrived();
      return Promise.resolve({ outcome: 'succeeded', tally: { failures: 0, interruptions: 0 } });
    },
  };
  documents = watchDocuments({
    project,
    server: `${host}:${emulator.port}`,
    functions: [functionOn('onCreated', 'created'), functionOn('onDeleted', 'deleted')],
    dispatcher,
    retryPolicy: { maxAttempts: 1, minBackoffMs: 1, maxBackoffMs: 1 },
    log: (line) => logged.push(line),
  });
}, 30_000);

afterAll(async () => {
  await documents.stop();
  await emulator.stop();
});

test('a created document that matches the pattern becomes one event with its content, and no other does', async () => {
  // The listener stands at some time; what is created before is not an event.
  for (let attempt = 0; events.length === 0; attempt++) {
    const seen = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await create('orgs/acme/tasks/t/notes', `n${attempt}`);
    await create('orgs/acme/tasks', `t${attempt}`);
    await Promise.race([seen, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  const [event] = events;
  expect(event?.headers['ce-document']).toMatch(/^orgs\/acme\/tasks\/t\d+$/);
  expect(JSON.parse(event?.body.toString() ?? '')).toMatchObject({
    value: { fields: { title: { stringValue: expect.stringMatching(/^t\d+$/) } } },
  });
  expect(events.every(({ headers }) => !headers['ce-document']?.includes('notes'))).toBe(true);
  expect(logged).toEqual([expect.stringContaining('onDeleted')]);
});
