// Whatever the schema of a request takes can be stored, read back and served: random bodies, half of them with something hostile in
// them, go to every operation that makes or changes a thing. `VALUES_RUNS` says how many for each, `VALUES_SEED` which.
import { PubSub } from '@google-cloud/pubsub';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { api, tokenFor } from './callers.ts';
import { randomOrg } from '../harness.ts';
import { seededRandom } from '../../../../proof/crash-sweep/points.ts';
import { operationsOf, readDocument, type Operation } from '../../../../proof/fuzz/document.ts';
import { hostile } from '../../../../proof/fuzz/hostile.ts';
import { leadsFrom, type Arguments, type Exchange, type Lead } from '../../../../proof/fuzz/known.ts';
import { requestsFor, type Request } from '../../../../proof/fuzz/request.ts';
import { printed, send, type Client } from '../../../../proof/fuzz/send.ts';
import { validatorOf } from '../../../../proof/fuzz/validate.ts';
import { advanceOnCreate } from '../../../src/coordination/advance-task.ts';
import { turnsTopic } from '../../../src/coordination/announce-room.ts';
import { topicOf } from '../../../src/coordination/directive.ts';
import { priorities, taskId } from '../../../src/coordination/schemas.ts';
import { findTask } from '../../../src/coordination/task-store.firestore.ts';
import { makeGateway } from '../../../src/llm/index.ts';
import { makeApi } from '../../../src/api.ts';
import { describeApi } from '../../../src/openapi-document.ts';

const runs = Number(process.env['VALUES_RUNS'] ?? 6);
const seed = Number(process.env['VALUES_SEED'] ?? 1);

const org = randomOrg();
const random = seededRandom(seed);
const document = readDocument(JSON.parse(JSON.stringify(describeApi(makeApi()))));
const operations = operationsOf(document);
const byId = new Map(operations.map((each) => [each.id, each]));
const requests = requestsFor(document, validatorOf(document), random);

const roleFor = ({ tag }: Operation) =>
  tag === 'External agents'
    ? ({ role: 'agent', uid: 'linguist' } as const)
    : ({ role: tag === 'Approvals' ? 'operator' : 'main-coordinator' } as const);
const client: Client = {
  fetch: async (path, init) => api.request(path, init),
  tokenFor: ({ operation }) => Promise.resolve(tokenFor({ org, ...roleFor(operation) })),
};

const named = (id: string): Operation => {
  const found = byId.get(id);
  if (!found) throw new Error(`There is no operation ${id}.`);
  return found;
};

/** Answers, and says with which request when it was a failure of ours. */
const answered = async (request: Request): Promise<Exchange> => {
  const exchange = await send(client, request);
  if (exchange.status >= 500)
    throw new Error(`${exchange.status} ${JSON.stringify(exchange.json)} for ${printed(request)}`);
  return exchange;
};

const read = (operation: Operation, path: Arguments): Promise<Exchange> =>
  answered({ operation, path, query: {}, headers: {} });

const readable = ({ operation }: Lead) => named(operation).method === 'GET';

/** What is there only later: the report of a task that is over. */
const later: readonly string[] = ['getReport'];

/** Everything that the answer leads to, and the list that it is in. */
const readBack = async (made: Exchange, request: Request): Promise<void> => {
  const own = operations.filter(({ method, path }) => method === 'GET' && path === made.operation.path);
  const reads = [
    ...leadsFrom(made)
      .filter(readable)
      .map((lead) => ({ operation: named(lead.operation), path: lead.arguments })),
    ...own.map((operation) => ({ operation, path: made.path })),
  ];
  for (const { operation, path } of reads) {
    const { status, json } = await read(operation, path);
    if (status !== 200 && !later.includes(operation.id)) {
      throw new Error(`${operation.id}: ${status} ${JSON.stringify(json)} after ${printed(request)}`);
    }
  }
};

// No model answers: a task is planned by keywords or by its own plan.
const gateway = makeGateway({ targets: [], firstEventMs: 20_000, silenceMs: 20_000 });

/** A task is planned, read with its work, and ended: it can always be (C1). */
const seeThrough = async (path: Arguments): Promise<void> => {
  const task = await findTask(org, taskId.parse(path['task']));
  if (!task) throw new Error('The task is gone.');
  await advanceOnCreate(task, gateway);
  for (const id of ['getTask', 'listAssignments', 'readEvents', 'getScratchpad', 'listGates']) {
    expect([id, (await read(named(id), path)).status]).toEqual([id, 200]);
  }
  const canceled = await read(named('cancelTask'), path);
  expect([200, 409]).toContain(canceled.status);
  expect((await read(named('getReport'), path)).status).toBe(200);
};

/** By operation, what it is called with: the things that `beforeAll` makes. */
const leads = new Map<string, Arguments>();
const note = (found: readonly Lead[]) => found.forEach((each) => leads.set(each.operation, each.arguments));

const makers = [
  'submitTask',
  'registerAgent',
  'createSchedule',
  'registerWebhook',
  'sendMessage',
  'raiseEscalation',
  'registerAttestationKey',
];

const example = (operation: Operation) => operation.body?.schema.example;

beforeAll(async () => {
  const pubsub = new PubSub();
  for (const topic of [turnsTopic, ...priorities.map(topicOf)]) await pubsub.createTopic(topic);
  await pubsub.close();
});

beforeAll(async () => {
  for (const id of makers) {
    const operation = named(id);
    const made = await answered({ operation, path: {}, query: {}, headers: {}, body: example(operation) });
    expect([id, made.status < 300]).toEqual([id, true]);
    note(leadsFrom(made));
  }
  const { task = '' } = leads.get('getTask') ?? {};
  const waived = { operation: named('waiveGate'), path: { task, gate: 'backup' }, query: {}, headers: {} };
  note(leadsFrom(await answered({ ...waived, body: { reason: 'No data.' } })));
  note(leadsFrom(await read(named('getScratchpadSection'), { task, section: 'risks' })));
  note([{ operation: 'getScratchpadSection', arguments: { task, section: 'risks' } }]);
  note([{ operation: 'waiveGate', arguments: { task, gate: 'tests' } }]);
});

/** The arguments of an edit name what is stored now. */
const current = async (operation: Operation): Promise<Arguments> => {
  const reader = operations.find(
    ({ method, answers }) =>
      method === 'GET' &&
      answers.get(200)?.links.some((link) => link.operationId === operation.id && 'header.If-Match' in link.parameters),
  );
  if (reader) note(leadsFrom(await read(reader, leads.get(reader.id) ?? {})));
  return leads.get(operation.id) ?? {};
};

const changing = operations.filter(({ method, body }) => method !== 'GET' && body !== undefined);

describe.each(changing)('$id', (operation) => {
  test(`never fails, and what it takes is served again (seed ${seed})`, async () => {
    for (let run = 0; run < runs; run += 1) {
      const valid = requests.valid(operation, await current(operation));
      const body = run % 2 === 0 ? valid.body : hostile(valid.body, random);
      const request = body === undefined ? valid : { ...valid, body };
      const made = await answered(request);
      if (made.status >= 300) continue;
      await readBack(made, request);
      const found = leadsFrom(made).find((lead) => lead.operation === 'getTask');
      if (found && operation.id === 'submitTask') await seeThrough(found.arguments);
    }
  });
});
