// A database that takes what it is sent and says nothing: every call ends, and the outage is told of when it is over.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { makeApi } from '../../../src/api.ts';
import { noteAnswer } from '../../../src/governance/index.ts';
import {
  commit,
  databaseDeadlineMs,
  firestore,
  readAggregate,
  readDocument,
  readDocuments,
  readQuery,
} from '../../../src/platform/firestore.ts';
import { startTokenIssuer } from '../../support/token-issuer.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';

/** Stands between this suite's client and the emulator. */
const startProxy = async (target: string) => {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let deaf = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      if (deaf) socket.cork();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hang: (hangs: boolean) => {
      deaf = hangs;
      for (const socket of sockets) {
        if (hangs) socket.cork();
        else socket.uncork();
      }
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

const proxy = await startProxy(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
process.env['FIRESTORE_EMULATOR_HOST'] = proxy.address;
// It makes the app that the database belongs to.
const issuer = await startTokenIssuer(process.env['GCLOUD_PROJECT'] ?? '');
serviceDatabase();

const org = randomOrg();
const document = () => firestore().doc(`orgs/${org}/things/one`);
const things = () => firestore().collection(`orgs/${org}/things`);

beforeAll(async () => {
  // The client is loaded and connected by its first call, with the clock of the machine.
  await commit((batch) => batch.set(document(), {}));
});
beforeDatabaseCloses(() => issuer.stop());
afterAll(() => proxy.stop());
afterEach(() => {
  jest.useRealTimers();
  proxy.hang(false);
});

const hang = () => {
  proxy.hang(true);
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'Date'] });
};

describe('a call to a database that hangs', () => {
  test.each<[string, string, () => Promise<unknown>]>([
    ['a read', 'store.unavailable', () => readDocument(document())],
    ['a read of several', 'store.unavailable', () => readDocuments([document()])],
    ['a query', 'store.unavailable', () => readQuery(things())],
    ['a count', 'store.unavailable', () => readAggregate(things().count())],
    ['a commit', 'store.outcome_unknown', () => commit((batch) => batch.set(document(), {}))],
  ])('ends: %s is %s, to be tried again', async (_what, code, call) => {
    hang();
    const failing = call().catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(databaseDeadlineMs);
    expect(await failing).toMatchObject({ code, retryAfterSeconds: 5, row: { status: 503, retry: 'later' } });
  });
});

test('requests are answered 503, and the outage is told of when it is over', async () => {
  const api = makeApi();
  const headers = { authorization: `Bearer ${issuer.sign({ org, role: 'operator' })}` };
  const get = async () => api.request('/v1/escalations', { headers });
  expect((await get()).status).toBe(200);
  hang();
  const answers = Promise.all(Array.from({ length: 25 }, get));
  await jest.advanceTimersByTimeAsync(databaseDeadlineMs);
  // What cannot be told now is not waited for either.
  await jest.advanceTimersByTimeAsync(databaseDeadlineMs);
  for (const answer of await answers) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({ code: 'store.unavailable' });
  }
  jest.useRealTimers();
  proxy.hang(false);

  const told = await untilTold(async () => ((await (await get()).json()) as { escalations: unknown[] }).escalations);
  await noteAnswer({ org, operation: 'listEscalations', failed: false }, new Date());
  expect(told).toMatchObject([{ trigger: 'service-outage', subject: 'listEscalations', severity: 'critical' }]);
});

const untilTold = async (look: () => Promise<unknown[]>): Promise<unknown[]> => {
  for (let found = await look(); ; found = await look()) if (found.length > 0) return found;
};
