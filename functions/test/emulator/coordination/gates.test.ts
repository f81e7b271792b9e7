import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pageOfMessages } from '../../../src/communication/messages.firestore.ts';
import { finishTask } from '../../../src/coordination/finish-task.ts';
import { cancelTask, getReport } from '../../../src/coordination/index.ts';
import type { TaskId } from '../../../src/coordination/schemas.ts';
import { attest, getApproval, readPolicy, replacePolicy, approve, reject } from '../../../src/governance/index.ts';
import { waiveGate } from '../../../src/governance/gates/waive-gate.ts';
import { registerKey } from '../../../src/governance/gates/attestation-keys.ts';
import { ed25519, signToken } from '../../../src/governance/gates/test-keys.ts';
import { orgPolicy, type GateId } from '../../../src/governance/schemas.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
const boss = { uid: 'boss', role: 'main-coordinator' as const };
const ann = { uid: 'ann', role: 'operator' as const };
const wes = { uid: 'wes', role: 'operator' as const };
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
  const { revision } = await readPolicy(org);
  const policy = orgPolicy.parse({ requiredGates: ['tests'], approvals: { deadlineMinutes: 5, onSilence: 'reject' } });
  await replacePolicy(org, { policy, by: boss, seen: revision, now: new Date() });
});
afterEach(() => {
  team.providers.setFaults([]);
});
beforeDatabaseCloses(() => team.stop());

const build = { id: 'build', specialist: 'nodejs-expert', title: 'Build', artifactKind: 'markdown' };
const submitted = (plan: object[] = [build]) => team.submit({ title: 'One with gates', category: 'performance', plan });

/** A task whose work is done and that waits for evidence. */
const waiting = async () => {
  const { id } = await submitted();
  return { id, wait: await team.waiting(id, 'evidence') };
};
const said = async (task: TaskId, status: 'passed' | 'failed') => {
  const request = { gate: 'tests' as const, status, summary: '812 tests were run.', check: 'default' };
  await attest({ task, request, caller: { org, ...ann }, now: new Date() });
  await finishTask(org, task, new Date());
};
const askedToWaive = async (task: TaskId, gate: GateId = 'tests') =>
  (await waiveGate({ org, task, gate, reason: 'There is nothing to test.', by: wes, now: new Date() })).approval.id;

describe('a task whose required gate has no evidence', () => {
  test('waits for it, and says for whom and until when (C1)', async () => {
    const { id, wait } = await waiting();
    expect((await team.stored(id)).value.state).toBe('validating');
    expect(wait).toMatchObject({ assignment: null, party: 'main-coordinator or operator', onSilence: 'fail' });
    expect(wait.reason).toContain('All tests pass');
    const minutes = (wait.deadlineAt.getTime() - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(4);
    expect(minutes).toBeLessThanOrEqual(5);
  });

  test('is not published, however often somebody looks (Q1)', async () => {
    const { id, wait } = await waiting();
    await team.advance(id);
    await finishTask(org, id, new Date());
    expect((await team.stored(id)).value).toMatchObject({ state: 'validating', waits: [wait] });
    const soFar = await getReport(org, id);
    expect(soFar).toMatchObject({ status: 'update', summary: 'One with gates: validating, 1 of 1 assignments done' });
    expect(soFar.gates.find(({ gate }) => gate === 'tests')).toMatchObject({ status: 'no_evidence', required: true });
  });

  test('is completed by an attestation', async () => {
    const { id } = await waiting();
    await said(id, 'passed');
    expect(await team.over(id)).toMatchObject({ state: 'completed', waits: [] });
    expect((await getReport(org, id)).gates.find(({ gate }) => gate === 'tests')).toMatchObject({ status: 'passed' });
  });

  test('waits on when the tests are attested to fail, and is completed when they pass', async () => {
    const { id } = await waiting();
    await said(id, 'failed');
    expect((await team.stored(id)).value.state).toBe('validating');
    await said(id, 'passed');
    expect((await team.over(id)).state).toBe('completed');
  });

  test('fails when nobody brings any (C1)', async () => {
    const { id, wait } = await waiting();
    await team.advance(id, wait.deadlineAt.getTime() - Date.now() + 1);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.gate_failed' } });
    expect((await getReport(org, id)).concerns.join()).toContain('All tests pass');
  });
});

describe('a task whose review passes and whose scan fails', () => {
  const scanned = randomOrg();
  let lone: Team;
  beforeAll(async () => {
    lone = await startTeam(scanned);
    const { revision } = await readPolicy(scanned);
    const policy = orgPolicy.parse({ requiredGates: ['security', 'tests'], approvals: { deadlineMinutes: 5 } });
    await replacePolicy(scanned, { policy, by: boss, seen: revision, now: new Date() });
  });
  afterAll(() => lone.stop());

  test('waits for a newer scan, and is completed when that passes', async () => {
    const pair = ed25519();
    const gates: GateId[] = ['security', 'tests'];
    const registration = { name: 'CI', jwk: pair.jwk, gates };
    const { key } = await registerKey(scanned, registration, { by: boss, now: new Date() });
    const review = {
      ...{ id: 'check', specialist: 'security-engineer', title: 'Review', artifactKind: 'security-review' },
      dependsOn: ['build'],
    };
    const { id } = await lone.submit({ title: 'Scanned', category: 'performance', plan: [build, review] });
    await lone.waiting(id, 'evidence');
    const ci = async (gate: GateId, status: 'passed' | 'failed', secondsAgo: number) => {
      const iat = Math.floor(Date.now() / 1_000) - secondsAgo;
      const claims = { org: scanned, task: id, gate, status, iat, exp: iat + 600, jti: `${gate}-${status}` };
      const request = { gate, status, token: signToken(pair, key.id, claims) };
      await attest({ task: id, request, caller: { org: scanned, ...ann }, now: new Date() });
      await finishTask(scanned, id, new Date());
    };
    await ci('security', 'failed', 5);
    expect((await lone.stored(id)).value.state).toBe('validating');
    await ci('tests', 'passed', 5);
    expect((await lone.stored(id)).value.state).toBe('validating');
    await ci('security', 'passed', 0);
    expect((await lone.over(id)).state).toBe('completed');
  });
});

describe('a waiver', () => {
  test('that is approved completes the task without the gate', async () => {
    const { id } = await waiting();
    const approval = await askedToWaive(id);
    await approve(org, approval, { by: boss, now: new Date() });
    await team.decided(approval);
    expect((await team.over(id)).state).toBe('completed');
    expect((await getReport(org, id)).gates.find(({ gate }) => gate === 'tests')).toMatchObject({ status: 'waived' });
  });

  test('that is asked for is waited for beyond the deadline of the evidence, and its rejection fails the task', async () => {
    const { id, wait } = await waiting();
    const approval = await askedToWaive(id);
    const late = wait.deadlineAt.getTime() - Date.now() + 1;
    await team.advance(id, late);
    expect((await team.stored(id)).value.state).toBe('validating');
    await reject(org, approval, { by: boss, now: new Date() });
    await team.decided(approval);
    await team.advance(id, late);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.gate_failed' } });
  });

  test('that nobody decided is withdrawn when the evidence comes first', async () => {
    const { id } = await waiting();
    const approval = await askedToWaive(id);
    await said(id, 'passed');
    await team.over(id);
    expect((await getApproval(org, approval)).state).toBe('withdrawn');
  });

  test('of another gate does not help', async () => {
    const { id } = await waiting();
    const approval = await askedToWaive(id, 'backup');
    await approve(org, approval, { by: boss, now: new Date() });
    await team.decided(approval);
    expect((await team.stored(id)).value.state).toBe('validating');
  });
});

describe('the main coordinator', () => {
  const told = randomOrg();
  let lone: Team;
  beforeAll(async () => {
    lone = await startTeam(told);
  });
  afterAll(() => lone.stop());
  const stop = (task: TaskId) => cancelTask(told, task, { by: 'ann' });
  const pass = async (task: TaskId) => {
    const request = { gate: 'tests' as const, status: 'passed' as const, summary: '812 passed.', check: 'default' };
    await attest({ task, request, caller: { org: told, ...ann }, now: new Date() });
    await finishTask(told, task, new Date());
  };

  test.each([
    { onChange: true, end: pass, statuses: ['completed', 'update'] },
    { onChange: false, end: pass, statuses: ['completed'] },
    { onChange: false, end: stop, statuses: ['canceled'] },
  ])('with reports.onChange $onChange is told $statuses of a task that waits', async ({ onChange, end, statuses }) => {
    const { revision } = await readPolicy(told);
    const policy = orgPolicy.parse({ requiredGates: ['tests'], reports: { onChange } });
    await replacePolicy(told, { policy, by: boss, seen: revision, now: new Date() });
    const { id } = await lone.submit({ title: 'Waits for evidence', category: 'performance', plan: [build] });
    await lone.waiting(id, 'evidence');
    await end(id);
    const { records } = await pageOfMessages(told, { task: id, kind: 'report' }, { pageSize: 10 });
    expect(records.map(({ body }) => 'status' in body && body.status)).toEqual(statuses);
  });
});

describe('a plan of the caller’s own', () => {
  const other = randomOrg();
  let lone: Team;
  beforeAll(async () => {
    lone = await startTeam(other);
  });
  afterAll(() => lone.stop());
  const review = (id: string, rest: object = {}) => ({
    ...{ id, specialist: 'security-engineer', title: 'Review', artifactKind: 'security-review' },
    ...rest,
  });
  const changesNeeded = { instructions: '[[stand-in: changes-needed]]' };
  const own = (plan: object[]) => lone.submit({ title: 'Reviewed', category: 'performance', plan });

  test('must pass the usual gates that its work can speak to, and no others (Q2)', async () => {
    const { id } = await own([build, review('security', { dependsOn: ['build'] })]);
    expect((await lone.over(id)).state).toBe('completed');
    expect((await getReport(other, id)).gates.filter(({ required }) => required).map(({ gate }) => gate)).toEqual([
      'security',
    ]);
  });

  test('fails at once by a review that asks for changes when there is nothing to rework (Q3)', async () => {
    const { id } = await own([review('security', changesNeeded)]);
    expect(await lone.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.gate_failed' } });
  });

  test('is not saved by the later round of another review whose name begins alike', async () => {
    const rules = { ...build, id: 'rules', specialist: 'firebase-specialist', artifactKind: 'security-rules' };
    const { id } = await own([
      review('check', changesNeeded),
      rules,
      review('check-rules', { ...changesNeeded, dependsOn: ['rules'] }),
    ]);
    expect(await lone.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.gate_failed' } });
  });
});
