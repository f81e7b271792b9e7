import { expect, test } from '@jest/globals';
import { acceptDesign } from '../../../src/coordination/designs.firestore.ts';
import { submitTask } from '../../../src/coordination/index.ts';
import { submission, taskId } from '../../../src/coordination/schemas.ts';
import { upwardBody } from '../../../src/communication/schemas.ts';
import { raiseEscalation } from '../../../src/governance/index.ts';
import { commit, contentOf, firestore } from '../../../src/platform/firestore.ts';
import { randomOrg } from '../harness.ts';
import { call, json } from './callers.ts';

const reportsOf = async (org: string) =>
  (await firestore().collection(`orgs/${org}/messages`).where('kind', '==', 'report').get()).docs.map((each) =>
    contentOf(each),
  );

test('the report on an org is read without being sent, and says what is wrong', async () => {
  const org = randomOrg();
  const submittedBy = { channel: 'http' as const, uid: 'member-1', role: 'member' as const };
  await submitTask({ org, submission: submission.parse({ title: 'One' }), submittedBy, now: new Date() });
  const alarm = {
    org,
    task: null,
    trigger: 'cost-overrun',
    severity: 'high',
    title: 'Too dear',
    subject: 'x',
  } as const;
  await raiseEscalation({ ...alarm, key: 'x', evidence: [], by: null }, new Date());
  const report = upwardBody.parse(await json(call('GET /v1/report', { org })));
  expect(report).toMatchObject({ status: 'update', concerns: ['high: Too dear'] });
  expect(await reportsOf(org)).toEqual([]);
});

test('the report on an org is sent on demand to the main coordinator, once for one key', async () => {
  const org = randomOrg();
  const send = (key: string) => json(call('POST /v1/report/send', { org, headers: { 'idempotency-key': key } }));
  const { message: id, ...report } = await send('monday');
  expect(await send('monday')).toEqual({ message: id, ...report });
  const [message, ...others] = await reportsOf(org);
  expect(others).toEqual([]);
  expect(message).toMatchObject({ id, to: 'main-coordinator', task: null, body: report });
  await send('tuesday');
  expect(await reportsOf(org)).toHaveLength(2);
});

test('the report on an org counts the endpoints and costs of what its services have accepted, each once', async () => {
  const org = randomOrg();
  const accept = (service: string, kind: 'openapi' | 'deployment-plan', metrics: Record<string, number>) =>
    commit((batch) => {
      const made = { id: 'a', org, task, kind, title: 'T', content: '{}', sha256: '', specialist, epoch: 1, createdAt };
      acceptDesign(batch, made, { service, metrics, before: undefined, at: createdAt });
    });
  const [task, specialist, createdAt] = [taskId.parse(`tsk_${'0'.repeat(20)}`), 'api-designer', new Date()];
  await accept('notes', 'openapi', { endpoints: 2 });
  await accept('recipes', 'openapi', { endpoints: 5 });
  await accept('recipes', 'deployment-plan', { estimatedMonthlyCostUsd: 61 });
  const { metrics } = upwardBody.parse(await json(call('GET /v1/report', { org })));
  expect(metrics).toEqual({
    api_endpoints: 7,
    avg_response_time: 'n/a',
    security_score: 'n/a',
    cost_projection: '$61.00/month',
  });
});
