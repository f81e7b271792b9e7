import { beforeEach, describe, expect, test } from '@jest/globals';
import { call, json } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { policyOf } from '../../../src/governance/index.ts';
import { defaultPolicy, orgPolicy } from '../../../src/governance/schemas.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';

let org: OrgId;
beforeEach(() => {
  org = randomOrg();
});

const read = async () => {
  const response = await call('GET /v1/policy', { org });
  return { etag: response.headers.get('etag') ?? '', policy: await json(response) };
};
const replace = (body: unknown, seen?: string) =>
  call('PUT /v1/policy', { org, body, ...(seen !== undefined && { headers: { 'if-match': seen } }) });
const etagAfter = async (response: Promise<Response>) => {
  const { status, headers } = await response;
  expect(status).toBe(200);
  return headers.get('etag') ?? '';
};

test('an organisation that never wrote a policy has the defaults', async () => {
  const { etag, policy } = await read();
  expect(etag).toBe('"0.0"');
  expect(orgPolicy.parse(policy)).toEqual(defaultPolicy);
  expect(await policyOf(org)).toEqual(defaultPolicy);
});

describe('a policy', () => {
  const budget = { taskNanoUsd: '5000000000', monthlyNanoUsd: null };

  test('is written over the defaults, read back, and in force for this instance at once', async () => {
    await policyOf(org);
    const answer = await json(replace({ budget, requiredGates: ['security', 'backup'] }, (await read()).etag));
    expect(answer).toMatchObject({ budget, requiredGates: ['security', 'backup'], backupMaxAgeHours: 168 });
    const { etag, policy } = await read();
    expect([policy, etag === '"0.0"']).toEqual([answer, false]);
    expect(await policyOf(org)).toEqual({
      ...defaultPolicy,
      requiredGates: ['security', 'backup'],
      budget: { taskNanoUsd: 5_000_000_000n, monthlyNanoUsd: null },
    });
  });

  test('is replaced as a whole: what is left out gets its default again', async () => {
    const first = await etagAfter(replace({ budget, backupMaxAgeHours: 24 }, '"0.0"'));
    await etagAfter(replace({ reports: { everyMinutes: 30 } }, first));
    expect(orgPolicy.parse((await read()).policy)).toEqual({
      ...defaultPolicy,
      reports: { onChange: true, everyMinutes: 30 },
    });
  });

  test('goes back as it came', async () => {
    await etagAfter(replace({ budget }, '"0.0"'));
    const { etag, policy } = await read();
    expect(await json(replace(policy, etag))).toEqual(policy);
  });

  test('says who set it, for the record', async () => {
    await etagAfter(replace({}, '"0.0"'));
    const record = await firestore().doc(`orgs/${org}/policy/current`).get();
    expect(record.data()).toMatchObject({ org, changedBy: { uid: 'operator-1', role: 'operator' } });
  });

  test('is another organisation’s own', async () => {
    await etagAfter(replace({ budget }, '"0.0"'));
    expect(await policyOf(randomOrg())).toEqual(defaultPolicy);
  });

  test('that was changed meanwhile is not overwritten: 412', async () => {
    const first = await etagAfter(replace({ budget }, '"0.0"'));
    await etagAfter(replace({ backupMaxAgeHours: 24 }, first));
    expect(await json(replace({}, first), 412)).toMatchObject({ code: 'http.precondition_failed' });
    expect(await json(replace({}, '"0.0"'), 412)).toMatchObject({ code: 'http.precondition_failed' });
    expect(await policyOf(org)).toMatchObject({ backupMaxAgeHours: 24 });
  });

  test('cannot be edited as if one had been written: 412', async () => {
    expect(await json(replace({}, '"1795370400.5000"'), 412)).toMatchObject({ code: 'http.precondition_failed' });
    expect((await read()).etag).toBe('"0.0"');
  });

  test('is first written by one of many who try at once', async () => {
    const answers = await Promise.all([24, 48, 72].map((backupMaxAgeHours) => replace({ backupMaxAgeHours }, '"0.0"')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  test('without If-Match is 428', async () => {
    expect(await json(replace({}), 428)).toMatchObject({ code: 'http.precondition_required' });
  });

  test('that does not fit is 400, with every failing field', async () => {
    const body = { budget: { taskNanoUsd: '-5' }, approvals: { mayDecide: ['agent'] }, gates: [] };
    const { errors } = await json(replace(body, '"0.0"'), 400);
    expect((errors as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual([
      '#/approvals/mayDecide/0',
      '#/budget/taskNanoUsd',
      '#/gates',
    ]);
    expect((await read()).etag).toBe('"0.0"');
  });
});
