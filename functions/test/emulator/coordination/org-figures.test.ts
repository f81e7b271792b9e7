// The model calls by which a provider's failures are told: whatever became of the work that made them.
import { expect, test } from '@jest/globals';
import { callsSince } from '../../../src/coordination/org-figures.firestore.ts';
import type { LlmCall } from '../../../src/llm/index.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { randomOrg, serviceDatabase } from '../harness.ts';

serviceDatabase();
const now = new Date();
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const since = ago(15);

const call = (startedAt: Date): LlmCall => ({
  provider: 'anthropic',
  model: 'model',
  outcome: 'error',
  error: 'overloaded',
  usage: null,
  costNanoUsd: null,
  startedAt,
  latencyMs: 1,
  providerRequestId: null,
});

const written = (org: OrgId, path: string, fields: object) =>
  firestore()
    .doc(`orgs/${org}/tasks/${path}`)
    .create({ org, calls: [], ...fields });
const callTimes = async (org: OrgId) => (await callsSince(org, since)).map(({ startedAt }) => startedAt);

test.each([
  ['is ready for its next try', { state: 'ready', failedTries: 3, finishedAt: null, retryAt: now }],
  ['runs again', { state: 'running', failedTries: 3, finishedAt: null, retryAt: null }],
  ['has failed for good', { state: 'failed', failedTries: 99, finishedAt: ago(1), retryAt: null }],
  ['has succeeded at last', { state: 'succeeded', failedTries: 3, finishedAt: ago(1), retryAt: null }],
])('the calls of work that was started long ago are seen, by their own times, when it %s', async (_, fields) => {
  const org = randomOrg();
  const calls = [call(ago(30)), call(ago(16)), call(ago(14)), call(ago(2))];
  await written(org, 't/assignments/a', { startedAt: ago(30), calls, ...fields });
  expect(await callTimes(org)).toEqual([ago(14), ago(2)]);
});

test('the calls of analyses are seen', async () => {
  const org = randomOrg();
  await written(org, 't', { updatedAt: ago(2), calls: [call(ago(16)), call(ago(2))] });
  expect(await callTimes(org)).toEqual([ago(2)]);
});

test('a record that cannot be read, and what another org does, hides and adds nothing', async () => {
  const [org, other] = [randomOrg(), randomOrg()];
  const tried = { state: 'ready', failedTries: 1, finishedAt: null };
  await written(org, 't/assignments/unreadable', { ...tried, calls: 'none' });
  await written(org, 't/assignments/a', { ...tried, calls: [call(ago(1))] });
  await written(other, 't/assignments/a', { ...tried, calls: [call(ago(3))] });
  expect(await callTimes(org)).toEqual([ago(1)]);
});
