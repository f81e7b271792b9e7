import { beforeAll, describe, expect, test } from '@jest/globals';
import { call, json, type Call } from '../api/callers.ts';
import { startTeam, type Team } from '../coordination/team.ts';
import { beforeDatabaseCloses, randomOrg } from '../harness.ts';
import { submitTask } from '../../../src/coordination/index.ts';
import { submission } from '../../../src/coordination/schemas.ts';
import { gateIds, usualGates, type GateId, type GateVerdict } from '../../../src/governance/schemas.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';

const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
beforeDatabaseCloses(() => team.stop());

const aTask = async (of: OrgId = org, rest: object = {}): Promise<string> => {
  const submittedBy = { channel: 'http' as const, uid: 'sue', role: 'operator' as const };
  const handedIn = submission.parse({ title: 'Add an endpoint', ...rest });
  const request = { org: of, submission: handedIn, submittedBy, now: new Date() };
  return (await submitTask(request)).task.id;
};
const gatesOf = async (task: string, of: OrgId = org): Promise<GateVerdict[]> =>
  (await json(call(`GET /v1/tasks/${task}/gates`, { org: of, role: 'member' })))['gates'] as GateVerdict[];
const requiredOf = async (task: string, of: OrgId) =>
  (await gatesOf(task, of)).filter(({ required }) => required).map(({ gate }) => gate);
const gateOf = async (task: string, gate: GateId) => (await gatesOf(task)).find((each) => each.gate === gate);

const attest = (task: string, status: string, gate = 'tests') =>
  json(call(`POST /v1/tasks/${task}/attest`, { org, uid: 'ann', body: { gate, status, summary: 'I ran them.' } }), 201);
const waive = (task: string, rest: Partial<Call> = {}, gate = 'backup') =>
  call(`POST /v1/tasks/${task}/gates/${gate}/waive`, { org, uid: 'ann', body: { reason: 'No data yet.' }, ...rest });

describe('a task that is over', () => {
  const cancel = (task: string) => json(call(`POST /v1/tasks/${task}/cancel`, { org }));
  const over = { code: 'coordination.task_is_over' };

  test('leaves no waiver to decide on, and lets none be asked for: 409', async () => {
    const task = await aTask();
    const headers = { 'idempotency-key': 'before-the-end' };
    const { id } = await json(waive(task, { headers }), 201);
    await cancel(task);
    expect(await json(call(`GET /v1/approvals?task=${task}&state=pending`, { org }))).toEqual({ approvals: [] });
    for (const [verb, body] of [['approve'], ['reject'], ['delegate', { role: 'member' }]] as const) {
      const answer = call(`POST /v1/approvals/${String(id)}/${verb}`, { org, uid: 'bob', body: body ?? {} });
      expect(await json(answer, 409)).toMatchObject({ code: 'governance.approval_is_over' });
    }
    expect(await json(waive(task), 409)).toMatchObject(over);
    expect(await json(waive(task, { headers }), 201)).toMatchObject({ id, state: 'withdrawn', outcome: 'refused' });
  });

  test('takes no attestation any more: 409; one that came before is answered again (C9)', async () => {
    const task = await aTask();
    const said = { gate: 'tests', status: 'passed', summary: 'I ran them.' };
    const say = (key: string) =>
      call(`POST /v1/tasks/${task}/attest`, { org, uid: 'ann', body: said, headers: { 'idempotency-key': key } });
    const before = await json(say('before'), 201);
    await cancel(task);
    expect(await json(say('after'), 409)).toMatchObject(over);
    expect(await json(say('before'), 201)).toEqual(before);
  });
});

describe('the gates of a task', () => {
  test('that has delivered nothing are without evidence and say what they need', async () => {
    const verdicts = await gatesOf(await aTask());
    expect(verdicts.map(({ gate, status, evidence }) => [gate, status, evidence])).toEqual(
      gateIds.map((gate) => [gate, 'no_evidence', []]),
    );
    expect(verdicts.filter(({ required }) => required).map(({ gate }) => gate)).toEqual([
      'security',
      'documentation',
      'performance',
    ]);
    expect(verdicts[0]?.needed).toEqual([
      'An attestation by CI that the tests pass',
      'An attestation by a person that the tests pass',
    ]);
  });

  test('follow what the team delivered, and name who did it with which model', async () => {
    const part = (id: string, specialist: string, artifactKind: string, dependsOn: string[] = []) => ({
      id,
      specialist,
      artifactKind,
      title: id,
      dependsOn,
    });
    const plan = [
      part('contract', 'api-designer', 'openapi'),
      part('code', 'nodejs-expert', 'typescript', ['contract']),
      part('review', 'security-engineer', 'security-review', ['code']),
    ];
    const { id } = await team.submit({ title: 'Add an endpoint', category: 'api-design', plan });
    await team.over(id);
    const verdicts = new Map((await gatesOf(id)).map((verdict) => [verdict.gate, verdict]));
    expect(verdicts.get('documentation')).toMatchObject({
      status: 'passed',
      evidence: [{ ref: 'contract' }],
      needed: [],
    });
    expect(verdicts.get('code-review')).toMatchObject({ status: 'passed', evidence: [{ ref: 'review' }] });
    expect(verdicts.get('performance')).toMatchObject({ status: 'no_evidence' });
    expect(verdicts.get('security')).toMatchObject({
      status: 'passed',
      required: true,
      evidence: [
        {
          source: 'verdict',
          ref: 'review',
          by: { kind: 'agent', agent: 'security-engineer', provider: 'anthropic', model: 'claude-sonnet-5-5' },
          at: expect.stringMatching(/^\d{4}-.*Z$/),
          decides: true,
        },
      ],
    });
  });

  test('follow what was attested last', async () => {
    const task = await aTask();
    await attest(task, 'passed');
    expect(await gateOf(task, 'tests')).toMatchObject({ status: 'passed', evidence: [{ by: { uid: 'ann' } }] });
    const last = await attest(task, 'failed');
    expect(await gateOf(task, 'tests')).toMatchObject({ status: 'failed', evidence: [{ ref: last['id'] }] });
  });

  test('are required as the policy of the org says', async () => {
    const strict = randomOrg();
    const task = await aTask(strict);
    const headers = { 'if-match': '"0.0"' };
    await json(
      call('PUT /v1/policy', {
        org: strict,
        role: 'main-coordinator',
        headers,
        body: { requiredGates: ['tests', 'backup'] },
      }),
    );
    expect(await requiredOf(task, strict)).toEqual(['tests', 'backup']);
  });

  test('are the usual ones of which its work can speak, for a plan of the caller’s own, unless the policy names any', async () => {
    const strict = randomOrg();
    const plan = [{ id: 'notes', specialist: 'nodejs-expert', title: 'Write', artifactKind: 'markdown' }];
    const task = await aTask(strict, { plan });
    expect(await requiredOf(task, strict)).toEqual([]);
    const headers = { 'if-match': '"0.0"' };
    await json(
      call('PUT /v1/policy', {
        org: strict,
        role: 'main-coordinator',
        headers,
        body: { requiredGates: [...usualGates] },
      }),
    );
    expect(await requiredOf(task, strict)).toEqual(usualGates);
  });
});

describe('a waiver', () => {
  test('is asked for, and counts once somebody else has approved it', async () => {
    const task = await aTask();
    await attest(task, 'failed', 'backup');
    const answer = await waive(task);
    const asked = await json(answer, 201);
    expect(asked).toMatchObject({
      state: 'pending',
      subject: { kind: 'waiver', gate: 'backup', reason: 'No data yet.' },
      requestedBy: { kind: 'person', uid: 'ann' },
      onSilence: 'reject',
    });
    const { pathname } = new URL(
      answer.headers.get('location') ?? '',
      `http://api/v1/tasks/${task}/gates/backup/waive`,
    );
    expect(await json(call(`GET ${pathname}`, { org }))).toEqual(asked);
    expect(await gateOf(task, 'backup')).toMatchObject({ status: 'failed' });

    await json(call(`POST ${pathname}/approve`, { org, uid: 'ann' }), 403);
    expect(await gateOf(task, 'backup')).toMatchObject({ status: 'failed' });

    await json(call(`POST ${pathname}/approve`, { org, uid: 'bob' }));
    expect(await gateOf(task, 'backup')).toMatchObject({
      status: 'waived',
      needed: [],
      evidence: [
        { source: 'human', decides: false },
        { source: 'waiver', ref: asked['id'], by: { kind: 'person', uid: 'bob' }, decides: true },
      ],
    });
    expect(await gateOf(task, 'tests')).toMatchObject({ status: 'no_evidence' });
  });

  test('that is rejected changes nothing, and may be asked for again', async () => {
    const task = await aTask();
    const { id } = await json(waive(task), 201);
    await json(call(`POST /v1/approvals/${String(id)}/reject`, { org, uid: 'bob' }));
    expect(await gateOf(task, 'backup')).toMatchObject({ status: 'no_evidence' });
    expect((await json(waive(task), 201))['id']).not.toBe(id);
  });

  test('is asked for one at a time, whoever asks and also at once: 409 with the one that is pending', async () => {
    const task = await aTask();
    const uids = ['ann', 'ann', 'bob', 'cyd', 'dan', 'eve'];
    const answers = await Promise.all(uids.map((uid) => waive(task, { uid })));
    const made = answers.filter(({ status }) => status === 201);
    const refused = await Promise.all(answers.filter(({ status }) => status !== 201).map((each) => json(each, 409)));
    expect([made.length, refused.length]).toEqual([1, 5]);
    const { id } = (await made[0]?.json()) as { id: string };
    for (const each of refused) {
      expect(each).toMatchObject({ code: 'governance.approval_pending', detail: expect.stringContaining(id) });
    }
    await json(waive(task, {}, 'tests'), 201);
  });

  test('is not granted by whoever submitted the task, unless that is a main coordinator', async () => {
    const approveAs = (id: unknown, role: 'operator' | 'main-coordinator') =>
      call(`POST /v1/approvals/${String(id)}/approve`, { org, role, uid: 'sue' });
    const { id } = await json(waive(await aTask()), 201);
    expect(await json(approveAs(id, 'operator'), 403)).toMatchObject({ code: 'governance.not_yours_to_decide' });
    expect(await json(approveAs(id, 'main-coordinator'))).toMatchObject({ state: 'approved', submittedBy: 'sue' });
  });

  test('is asked for once with one idempotency key, for one reason', async () => {
    const task = await aTask();
    const headers = { 'idempotency-key': 'waive-1' };
    const answers = await Promise.all([waive(task, { headers }), waive(task, { headers })]);
    const [first, second] = await Promise.all(answers.map((answer) => json(answer, 201)));
    expect(second).toEqual(first);
    expect(answers.filter((answer) => answer.headers.has('idempotent-replayed'))).toHaveLength(1);
    const other = waive(task, { headers, body: { reason: 'I am in a hurry.' } });
    expect(await json(other, 409)).toMatchObject({ code: 'governance.key_reused' });
  });

  test.each([
    [{ body: {} }, 'backup', '#/reason'],
    [{ body: { reason: ' ' } }, 'backup', '#/reason'],
    [{ body: { reason: 'x', gate: 'tests' } }, 'backup', '#/gate'],
    [{}, 'vibes', 'path#/gate'],
  ])('with %j for %s is 400', async (rest, gate, pointer) => {
    expect(await json(waive(await aTask(), rest, gate), 400)).toMatchObject({ errors: [{ pointer }] });
  });
});
