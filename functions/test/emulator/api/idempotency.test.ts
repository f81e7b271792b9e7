// Keys of idempotency: of one caller they mean one record, to every other caller and channel nothing.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import functionsTest from 'firebase-functions-test';
import { acceptTask } from '../../../src/coordination/functions.ts';
import { listDeadLetters, listTasks } from '../../../src/coordination/index.ts';
import { randomOrg } from '../harness.ts';
import { api, call, json } from './callers.ts';

const org = randomOrg();
const platform = functionsTest({ projectId: process.env['GCLOUD_PROJECT'] ?? '' });
const accept = platform.wrap(acceptTask);
afterAll(() => platform.cleanup());

const taskBody = { title: 'Keyed', category: 'performance' };
const ids = { task: '', ended: '', schedule: '' };
beforeAll(async () => {
  ids.task = String((await json(call('POST /v1/tasks', { org, body: taskBody }), 202))['id']);
  ids.ended = String((await json(call('POST /v1/tasks', { org, body: taskBody }), 202))['id']);
  await json(call(`POST /v1/tasks/${ids.ended}/cancel`, { org }));
  const schedule = { name: 'Keyed', cron: '0 2 * * *', timeZone: 'UTC', submission: { title: 'Keyed' } };
  ids.schedule = String((await json(call('POST /v1/schedules', { org, body: schedule }), 201))['id']);
});

/** Every operation that takes a key, by its id. */
const operations: Readonly<Record<string, { readonly at: string; readonly body?: object }>> = {
  submitTask: { at: 'POST /v1/tasks', body: taskBody },
  retryTask: { at: 'POST /v1/tasks/{ended}/retry' },
  forkTask: { at: 'POST /v1/tasks/{task}/fork', body: {} },
  attest: { at: 'POST /v1/tasks/{task}/attest', body: { gate: 'backup', status: 'passed', summary: 'Seen.' } },
  attestOfOrg: { at: 'POST /v1/attestations', body: { gate: 'backup', status: 'passed', summary: 'Seen.' } },
  waiveGate: { at: 'POST /v1/tasks/{task}/gates/backup/waive', body: { reason: 'There is no data.' } },
  createSchedule: {
    at: 'POST /v1/schedules',
    body: { name: 'Nightly', cron: '0 3 * * *', timeZone: 'UTC', submission: { title: 'Nightly' } },
  },
  runSchedule: { at: 'POST /v1/schedules/{schedule}/run' },
  registerWebhook: { at: 'POST /v1/webhooks', body: { url: 'https://example.com/' } },
  sendMessage: {
    at: 'POST /v1/messages',
    body: { from: 'backend-coordinator', to: 'frontend-coordinator', type: 'api_update', content: { endpoint: '/v1' } },
  },
  sendOrgReport: { at: 'POST /v1/report/send' },
  raiseEscalation: { at: 'POST /v1/escalations', body: { trigger: 'service-outage', title: 'It does not answer' } },
};

const fill = (at: string) => at.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name as keyof typeof ids]);

const askAs = async (uid: string, key: string, { at, body }: { at: string; body?: object }) => {
  const answer = await call(fill(at), { org, uid, headers: { 'idempotency-key': key }, ...(body && { body }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return { made: answer.headers.get('location'), replayed: answer.headers.get('idempotent-replayed') };
};

test('the table names every operation that takes a key', async () => {
  const document = (await (await api.request('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { operationId: string; parameters?: { name: string }[] }>>;
  };
  const keyed = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .filter(({ parameters = [] }) => parameters.some(({ name }) => name === 'Idempotency-Key'));
  expect(keyed.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(operations).sort());
});

describe.each(Object.entries(operations))('the key of %s', (id, operation) => {
  test('means one record to its caller, and another one to somebody else', async () => {
    const key = randomUUID();
    const first = await askAs('ann', key, operation);
    // One waiver of a gate is asked for at a time.
    if (id === 'waiveGate')
      await json(call(`POST /v1/approvals/${first.made?.split('/').at(-1)}/reject`, { org, uid: 'cyd' }));
    const other = await askAs('bob', key, operation);
    const again = await askAs('ann', key, operation);
    expect([first.replayed, other.replayed, again.replayed]).toEqual([null, null, 'true']);
    expect(again.made).toBe(first.made);
    // Two who raise the same alarm count twice, in one escalation.
    if (id !== 'raiseEscalation') expect(other.made).not.toBe(first.made);
  });
});

test('a key that a member took blocks neither a producer’s message nor the message sent again', async () => {
  const key = randomUUID();
  const messageId = randomUUID();
  for (const taken of [key, messageId]) {
    await askAs('ann', taken, { at: 'POST /v1/tasks', body: { title: 'Taken', category: 'performance' } });
  }
  const tasksNamed = async (title: string) =>
    (await listTasks(org, { pageSize: 100 })).tasks.filter(({ submission }) => submission.title === title).length;
  const deliver = async (message: object): Promise<void> => {
    const data = Buffer.from(JSON.stringify({ org, category: 'performance', ...message })).toString('base64');
    const time = new Date().toISOString();
    await accept({
      id: messageId,
      time,
      data: { message: { data, attributes: {}, messageId, publishTime: time }, subscription: 'test' },
    });
  };
  await deliver({ title: 'Produced with a key', idempotencyKey: key });
  await deliver({ title: 'Produced with a key', idempotencyKey: key });
  await deliver({ title: 'Produced without' });
  await deliver({ title: 'Produced without' });
  expect([await tasksNamed('Produced with a key'), await tasksNamed('Produced without')]).toEqual([1, 1]);
  expect((await listDeadLetters(org, { pageSize: 10 })).deadLetters).toEqual([]);
});
