// What was accepted under wider rules is on record: it is read exactly, worked on and ended like any other.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cancelTask, getReport, listAssignments, readEvents } from '../../../src/coordination/index.ts';
import { storedSubmission } from '../../../src/coordination/schemas.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { policyOf } from '../../../src/governance/index.ts';
import { defaultPolicy, policyRecord } from '../../../src/governance/schemas.ts';
import { writePolicy } from '../../../src/governance/policy/policy-store.firestore.ts';
import { commit } from '../../../src/platform/firestore.ts';
import { call, json } from '../api/callers.ts';
import { beforeDatabaseCloses, randomOrg } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
beforeDatabaseCloses(() => team.stop());

const plan = [{ id: 'only', specialist: 'nodejs-expert', title: 'Do it', artifactKind: 'markdown' }];

const submitted = async (budgetNanoUsd: string) => {
  const submission = storedSubmission.parse({ title: 'Unlimited', category: 'performance', plan, budgetNanoUsd });
  const submittedBy = { channel: 'pubsub' as const, messageId: budgetNanoUsd };
  return (await submitTask({ org, submission, submittedBy, now: new Date() })).task.id;
};

describe.each(['9007199254740992', '999999999999999999'])('a task with a stored budget of %s nano-USD', (budget) => {
  test('is worked on to its end, and its budget is read exactly', async () => {
    const id = await submitted(budget);
    await team.created(id);
    expect((await team.over(id)).state).toBe('completed');
    expect((await listAssignments(org, id)).map(({ brief }) => brief.budgetNanoUsd)).toEqual([BigInt(budget)]);
    expect((await readEvents(org, id, { pageSize: 100 })).over).toBe(true);
    expect((await getReport(org, id)).status).toBe('completed');
  });

  test('can be cancelled and read through the API', async () => {
    const id = await submitted(budget);
    await cancelTask(org, id, { by: 'ada' });
    const read = (path = '') => json(call(`GET /v1/tasks/${id}${path}`, { org }));
    expect(await read()).toMatchObject({ state: 'canceled', submission: { budgetNanoUsd: budget } });
    for (const path of ['/events', '/assignments', '/report', '/effects']) await read(path);
  });
});

test('a stored policy with an amount that no number can say is in force, and read exactly', async () => {
  const own = randomOrg();
  const budget = { taskNanoUsd: 9_007_199_254_740_993n, monthlyNanoUsd: 9_223_372_036_854_775_807n };
  const policy = { ...defaultPolicy, budget };
  const changedBy = { uid: 'ada', role: 'operator' };
  const record = policyRecord.parse({ org: own, policy, changedBy, changedAt: new Date() });
  await commit((batch) => writePolicy(batch, record, '0.0'));
  expect((await policyOf(own)).budget).toEqual(budget);
  expect(await json(call('GET /v1/policy', { org: own }))).toMatchObject({
    budget: { taskNanoUsd: '9007199254740993', monthlyNanoUsd: '9223372036854775807' },
  });
});
