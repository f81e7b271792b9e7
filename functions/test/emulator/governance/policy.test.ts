import { beforeEach, describe, expect, test } from '@jest/globals';
import { call, json, type Call } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { submitTask } from '../../../src/coordination/index.ts';
import { submission } from '../../../src/coordination/schemas.ts';
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
const boss = { role: 'main-coordinator', uid: 'max' } as const;
const operator = (uid: string) => ({ role: 'operator', uid }) as const;
const replace = (body: unknown, seen?: string, by: Pick<Call, 'role' | 'uid'> = boss) =>
  call('PUT /v1/policy', { org, body, ...by, ...(seen !== undefined && { headers: { 'if-match': seen } }) });
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
    await etagAfter(replace({}, '"0.0"', operator('operator-1')));
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

describe('a policy that is loosened', () => {
  const loose = { requiredGates: [], backupMaxAgeHours: 720 };
  const history = async () =>
    (await json(call('GET /v1/policy/changes', { org })))['changes'] as Record<string, unknown>[];
  const decide = (id: unknown, verb: string, by: Pick<Call, 'role' | 'uid'>) =>
    call(`POST /v1/approvals/${String(id)}/${verb}`, { org, ...by });
  const proposed = async (body: object, seen = '"0.0"', by = operator('olga')) => json(replace(body, seen, by), 202);

  test('by a main coordinator is in force at once, and tightened by an operator too', async () => {
    const etag = await etagAfter(replace(loose, '"0.0"'));
    await etagAfter(replace({}, etag, operator('olga')));
    expect(await policyOf(org)).toEqual(defaultPolicy);
    const changes = await history();
    expect(changes).toMatchObject([
      { step: 'made', by: operator('olga'), subject: { from: 1, loosens: [] }, approvedBy: null },
      { step: 'made', by: boss, subject: { from: 0, loosens: ['requiredGates', 'backupMaxAgeHours'] } },
    ]);
    expect(changes[1]).toMatchObject({ subject: { before: { requiredGates: null }, after: loose } });
  });

  test('by an operator is in force once a main coordinator has approved it, not before', async () => {
    const answer = await replace(loose, '"0.0"', operator('olga'));
    const asked = await json(answer, 202);
    expect(asked).toMatchObject({
      state: 'pending',
      onSilence: 'reject',
      mayDecide: ['main-coordinator'],
      subject: { kind: 'security-policy-change', loosens: ['requiredGates', 'backupMaxAgeHours'] },
    });
    expect(new URL(answer.headers.get('location') ?? '', 'http://api/v1/policy').pathname).toBe(
      `/v1/approvals/${String(asked['id'])}`,
    );
    expect((await read()).etag).toBe('"0.0"');
    expect(await history()).toMatchObject([{ step: 'proposed', by: operator('olga'), approval: asked['id'] }]);
    for (const uid of ['olga', 'otto']) await json(decide(asked['id'], 'approve', operator(uid)), 403);
    expect(await policyOf(org)).toEqual(defaultPolicy);
    await json(decide(asked['id'], 'approve', boss));
    expect(await policyOf(org)).toMatchObject(loose);
    expect(await history()).toMatchObject([
      { step: 'made', by: operator('olga'), approvedBy: boss, approval: asked['id'], subject: { from: 0 } },
      { step: 'proposed' },
    ]);
    await json(decide(asked['id'], 'approve', boss));
    expect(await history()).toHaveLength(2);
  });

  test('stays as it is when the change is rejected, and may be proposed again', async () => {
    const { id } = await proposed(loose);
    expect(await proposed(loose)).toMatchObject({ id });
    await json(decide(id, 'reject', boss));
    expect((await read()).etag).toBe('"0.0"');
    expect((await proposed(loose))['id']).not.toBe(id);
  });

  test('is not overwritten by the approval of a change of what it was before: 409', async () => {
    const { id } = await proposed(loose);
    await etagAfter(replace({ backupMaxAgeHours: 24 }, '"0.0"', operator('otto')));
    expect(await json(decide(id, 'approve', boss), 409)).toMatchObject({ code: 'governance.proposal_outdated' });
    expect(await policyOf(org)).toMatchObject({ backupMaxAgeHours: 24, requiredGates: null });
    expect(await json(call(`GET /v1/approvals/${String(id)}`, { org }))).toMatchObject({ state: 'pending' });
  });

  test('is confirmed by another operator where the policy says so, never by whoever proposed it', async () => {
    const etag = await etagAfter(replace({ changes: { confirmedBy: 'second-person' } }, '"0.0"'));
    const { id } = await proposed({ ...loose, changes: { confirmedBy: 'second-person' } }, etag);
    await json(decide(id, 'approve', operator('olga')), 403);
    await json(decide(id, 'approve', operator('otto')));
    expect(await policyOf(org)).toMatchObject(loose);
  });

  test('is approved once by two who do so at once', async () => {
    const { id } = await proposed(loose);
    const answers = await Promise.all(['max', 'mia', 'moe'].map((uid) => decide(id, 'approve', { ...boss, uid })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await history()).filter(({ step }) => step === 'made')).toHaveLength(1);
  });

  test('says in the verdicts which version of it they were reached by', async () => {
    const submittedBy = { channel: 'http' as const, uid: 'sue', role: 'member' as const };
    const now = new Date();
    const { task } = await submitTask({ org, submission: submission.parse({ title: 'Judged' }), submittedBy, now });
    const versions = async () => {
      const { gates } = await json(call(`GET /v1/tasks/${task.id}/gates`, { org }));
      return [...new Set((gates as { policyVersion: number }[]).map(({ policyVersion }) => policyVersion))];
    };
    expect(await versions()).toEqual([0]);
    const etag = await etagAfter(replace({ backupMaxAgeHours: 24 }, '"0.0"'));
    expect(await versions()).toEqual([1]);
    await etagAfter(replace({}, etag));
    expect(await versions()).toEqual([2]);
  });

  test('is listed with its changes newest first, in pages', async () => {
    let etag = '"0.0"';
    for (const backupMaxAgeHours of [24, 48, 72]) etag = await etagAfter(replace({ backupMaxAgeHours }, etag));
    const from = ({ changes }: Record<string, unknown>) =>
      (changes as { subject: { from: number } }[]).map(({ subject }) => subject.from);
    const first = await json(call('GET /v1/policy/changes?pageSize=2', { org }));
    const rest = `GET /v1/policy/changes?pageSize=2&pageToken=${String(first['nextPageToken'])}`;
    expect([from(first), from(await json(call(rest, { org })))]).toEqual([[2, 1], [0]]);
  });
});
