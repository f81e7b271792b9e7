import { beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { call, json, type Call } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { lastBackupTest } from '../../../src/coordination/org-figures.firestore.ts';
import { submitTask } from '../../../src/coordination/index.ts';
import { submission } from '../../../src/coordination/schemas.ts';
import { climbLadders } from '../../../src/governance/escalations/climb-ladders.ts';
import { attestationsOfTask, listEscalations } from '../../../src/governance/index.ts';
import { ed25519, p256, signToken } from '../../../src/governance/gates/test-keys.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';

const org = randomOrg();
const pair = ed25519();

const aTask = async (of: OrgId = org): Promise<string> => {
  const submittedBy = { channel: 'http' as const, uid: 'sue', role: 'operator' as const };
  const request = { org: of, submission: submission.parse({ title: 'Add an endpoint' }), submittedBy, now: new Date() };
  return (await submitTask(request)).task.id;
};
const register = (key: { jwk: object }, rest: Partial<Call> & { gates?: string[]; name?: string } = {}) => {
  const { gates = ['tests', 'security', 'backup'], name = 'CI', ...options } = rest;
  return call('POST /v1/attestation-keys', {
    org,
    role: 'main-coordinator',
    body: { name, jwk: key.jwk, gates },
    ...options,
  });
};
const attest = (task: string, body: object, rest: Partial<Call> = {}) =>
  call(`POST /v1/tasks/${task}/attest`, { org, body, ...rest });

let kid = '';
beforeAll(async () => {
  kid = String((await json(register(pair), 201))['id']);
});

const claimsOf = (task: string, rest: object = {}) => {
  const iat = Math.floor(Date.now() / 1_000);
  return { org, task, gate: 'tests', status: 'passed', iat, exp: iat + 600, jti: randomUUID(), ...rest };
};
const signed = (claims: object, { key = pair, as = kid } = {}) => ({
  gate: 'tests',
  status: 'passed',
  summary: '812 tests pass.',
  token: signToken(key, as, claims),
});
const said = { gate: 'backup', status: 'passed', summary: 'Restored the export of last night.' };

describe('a scanner', () => {
  const scanned = async (status: 'passed' | 'failed') => {
    const of = randomOrg();
    const task = await aTask(of);
    const key = String((await json(register(pair, { org: of }), 201))['id']);
    const claims = claimsOf(task, {
      org: of,
      gate: 'security',
      status,
      check: 'dependencies',
      summary: 'Two packages.',
    });
    const body = { ...signed(claims, { as: key }), gate: 'security', status };
    const { id } = await json(attest(task, body, { org: of }), 201);
    await json(attest(task, body, { org: of }), 201);
    await climbLadders(new Date(Date.now() + 2 * 60_000));
    return { task, id, escalations: (await listEscalations(of, { pageSize: 10 })).escalations };
  };

  test('that finds the work insecure is escalated by the commit of its statement, once', async () => {
    const { task, id, escalations } = await scanned('failed');
    const evidence = [{ source: 'attestation', ref: id, detail: 'dependencies: Two packages.' }];
    expect(escalations).toMatchObject([
      { trigger: 'security-vulnerability', task, severity: 'high', occurrences: 1, evidence },
    ]);
  });

  test('that finds nothing is not', async () => {
    expect((await scanned('passed')).escalations).toEqual([]);
  });
});

describe('a person', () => {
  test('attests in their own name', async () => {
    const task = await aTask();
    const answer = await attest(task, { ...said, url: 'https://wiki.example/restore' }, { uid: 'ann' });
    const made = await json(answer, 201);
    expect(made).toMatchObject({
      ...said,
      url: 'https://wiki.example/restore',
      check: 'default',
      by: { kind: 'person', uid: 'ann', role: 'operator' },
    });
    expect(made).not.toHaveProperty('org');
    const location = new URL(answer.headers.get('location') ?? '', `http://api/v1/tasks/${task}/attest`);
    expect(await json(call(`GET ${location.pathname}`, { org }))).toEqual(made);
  });

  test.each(['member', 'agent'] as const)('who is a %s may not: 403', async (role) => {
    const task = await aTask();
    expect(await json(attest(task, said, { role }), 403)).toMatchObject({ code: 'http.forbidden' });
    expect(await attestationsOfTask(org, task)).toEqual([]);
  });

  test('who submitted the task attests that it fails, not that it passes: 403', async () => {
    const task = await aTask();
    const rest = { uid: 'sue', role: 'main-coordinator' as const };
    expect(await json(attest(task, said, rest), 403)).toMatchObject({ code: 'governance.not_yours_to_attest' });
    expect(await attestationsOfTask(org, task)).toEqual([]);
    await json(attest(task, { ...said, status: 'failed' }, rest), 201);
  });

  test('may not attest what only machines can tell: 422', async () => {
    const answer = await json(attest(await aTask(), { ...said, gate: 'security' }), 422);
    expect(answer).toMatchObject({ code: 'governance.evidence_not_accepted', errors: [{ pointer: '#/gate' }] });
  });

  test('repeats an attestation with its idempotency key, and says nothing else under it', async () => {
    const task = await aTask();
    const headers = { 'idempotency-key': 'restore-1' };
    const first = await json(attest(task, said, { headers }), 201);
    const again = await attest(task, said, { headers });
    expect([again.headers.get('idempotent-replayed'), await json(again, 201)]).toEqual(['true', first]);
    const other = await json(attest(task, { ...said, status: 'failed' }, { headers }), 409);
    expect(other).toMatchObject({ code: 'governance.key_reused' });
    expect(await attestationsOfTask(org, task)).toHaveLength(1);
  });

  test.each([
    [{ gate: 'vibes' }, '#/gate'],
    [{ status: 'maybe' }, '#/status'],
    [{ summary: ' ' }, '#/summary'],
    [{ url: 'http://ci.example' }, '#/url'],
    [{ by: 'me' }, '#/by'],
  ])('cannot say %j: 400', async (changed, pointer) => {
    const answer = await json(attest(await aTask(), { ...said, ...changed }), 400);
    expect(answer).toMatchObject({ errors: [{ pointer }] });
  });
});

describe('a CI', () => {
  test.each([
    ['EdDSA', ed25519()],
    ['ES256', p256()],
  ])('attests by a token signed with %s, whoever brings it', async (_, key) => {
    const task = await aTask();
    const as = String((await json(register(key, { name: 'Scanner' }), 201))['id']);
    const claims = claimsOf(task, {
      commit: 'abcdef0',
      check: 'unit',
      summary: '812 pass.',
      url: 'https://ci.example/7',
    });
    const made = await json(attest(task, signed(claims, { key, as }), { role: 'agent' }), 201);
    expect(made).toMatchObject({
      gate: 'tests',
      status: 'passed',
      check: 'unit',
      commit: 'abcdef0',
      summary: '812 pass.',
      url: 'https://ci.example/7',
      by: { kind: 'key', key: as, name: 'Scanner' },
      at: new Date(claims.iat * 1_000).toISOString(),
    });
    expect(JSON.stringify(made)).not.toContain(signed(claims).token.split('.')[1]);
  });

  test('speaks by its token alone: what the bearer adds is kept as the bearer’s', async () => {
    const task = await aTask();
    const body = { ...signed(claimsOf(task)), summary: 'All is well.', url: 'https://phish.example/' };
    const made = await json(attest(task, body, { role: 'member', uid: 'eve' }), 201);
    expect(made).toMatchObject({
      summary: 'default: passed',
      url: null,
      broughtBy: { uid: 'eve', role: 'member', summary: 'All is well.', url: 'https://phish.example/' },
    });
    const { summary: _summary, ...bare } = signed(claimsOf(task, { summary: 'Signed.' }));
    expect(await json(attest(task, bare), 201)).toMatchObject({ summary: 'Signed.', broughtBy: { summary: null } });
  });

  test('says where the work runs on any gate of its key, and no other name than those of the gate: 422', async () => {
    const task = await aTask();
    const staging = claimsOf(task, { check: 'deployed-to-staging' });
    expect(await json(attest(task, signed(staging)), 201)).toMatchObject({ check: 'deployed-to-staging' });
    const { gates } = await json(call(`GET /v1/tasks/${task}/gates`, { org }));
    expect((gates as { status: string }[]).map(({ status }) => status)).not.toContain('passed');
    expect(await json(attest(task, signed(claimsOf(task, { check: 'lint' }))), 422)).toMatchObject({
      code: 'governance.evidence_not_accepted',
    });
  });

  test('that brings its token twice, also at once, has attested once', async () => {
    const task = await aTask();
    const body = signed(claimsOf(task));
    const answers = await Promise.all([1, 2, 3].map(() => attest(task, body)));
    const made = await Promise.all(answers.map((answer) => json(answer, 201)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.has('idempotent-replayed'))).toHaveLength(2);
    expect(await attestationsOfTask(org, task)).toHaveLength(1);
  });

  test('cannot say something else under the same jti: 409', async () => {
    const task = await aTask();
    const claims = claimsOf(task);
    await json(attest(task, signed(claims)), 201);
    const other = { ...signed({ ...claims, status: 'failed' }), status: 'failed' };
    expect(await json(attest(task, other), 409)).toMatchObject({ code: 'governance.key_reused' });
  });

  test('is held to what it signed: org, task, gate and status', async () => {
    const task = await aTask();
    const wrong = { org: randomOrg(), task: await aTask(), gate: 'security', status: 'failed' };
    for (const [name, value] of Object.entries(wrong)) {
      const answer = await json(attest(task, signed(claimsOf(task, { [name]: value }))), 422);
      expect(answer).toMatchObject({
        code: 'governance.attestation_invalid',
        detail: `The token is about another ${name}.`,
      });
    }
    expect(await attestationsOfTask(org, task)).toEqual([]);
  });

  test.each([
    ['a stranger signed', (task: string) => signed(claimsOf(task), { key: ed25519() })],
    ['a key unknown to the org signed', (task: string) => signed(claimsOf(task), { as: `key_${'0'.repeat(20)}` })],
    ['that has expired', (task: string) => signed(claimsOf(task, { iat: 1_000, exp: 2_000 }))],
  ])('is refused a token %s: 422', async (_, body) => {
    const task = await aTask();
    const answer = await json(attest(task, body(task)), 422);
    expect(answer).toMatchObject({ code: 'governance.attestation_invalid', errors: [{ pointer: '#/token' }] });
    expect(await attestationsOfTask(org, task)).toEqual([]);
  });

  test('is refused a gate that its key may not attest, and one that accepts no key: 422', async () => {
    const task = await aTask();
    const performance = { ...signed(claimsOf(task, { gate: 'performance' })), gate: 'performance' };
    expect(await json(attest(task, performance), 422)).toMatchObject({ detail: 'The key may not attest performance.' });
    const documentation = { ...signed(claimsOf(task, { gate: 'documentation' })), gate: 'documentation' };
    expect(await json(attest(task, documentation), 422)).toMatchObject({ code: 'governance.evidence_not_accepted' });
  });

  test('of one org cannot attest in another, not even with the same key', async () => {
    const theirs = randomOrg();
    const task = await aTask(theirs);
    expect(await json(attest(task, signed(claimsOf(task, { org: theirs })), { org: theirs }), 422)).toMatchObject({
      detail: 'The key is not registered, or is revoked.',
    });
  });
});

describe('an agent', () => {
  const forged = (task: string) => signed(claimsOf(task), { key: ed25519() });
  const answerOn = async (task: string, body: object) => {
    const { instance: _instance, ...answer } = (await (
      await attest(task, body, { role: 'agent' })
    ).json()) as object & {
      instance?: string;
    };
    return answer;
  };

  test.each([
    ['in its own name', () => said],
    ['by a token that does not hold', forged],
  ])('does not learn %s which tasks there are', async (_, body) => {
    const [task, missing] = [await aTask(), `tsk_${'0'.repeat(20)}`];
    expect(await answerOn(task, body(task))).toEqual(await answerOn(missing, body(missing)));
  });
});

describe('of the organisation as a whole', () => {
  const attestOfOrg = (body: object, rest: Partial<Call> = {}) => call('POST /v1/attestations', { org, body, ...rest });

  test('a person attests that backups were tested, and nothing else', async () => {
    const answer = await attestOfOrg(said, { uid: 'ann' });
    const made = await json(answer, 201);
    expect(made).toMatchObject({ ...said, by: { kind: 'person', uid: 'ann' } });
    const location = new URL(answer.headers.get('location') ?? '', 'http://api/v1/attestations');
    expect(await json(call(`GET ${location.pathname}`, { org, role: 'member' }))).toEqual(made);
    const { attestations } = await json(call('GET /v1/attestations', { org, role: 'member' }));
    expect(attestations).toContainEqual(made);
    expect(await json(attestOfOrg({ ...said, gate: 'tests' }), 422)).toMatchObject({
      code: 'governance.evidence_not_accepted',
    });
    for (const role of ['member', 'agent'] as const) await json(attestOfOrg(said, { role }), 403);
  });

  test('a token speaks that names no task, once, and one that names a task does not', async () => {
    const { task: _task, ...claims } = claimsOf('', { gate: 'backup', check: 'restore' });
    const body = { ...signed(claims), gate: 'backup' };
    const made = await json(attestOfOrg(body), 201);
    expect(await json(attestOfOrg(body), 201)).toEqual(made);
    const task = await aTask();
    const ofTask = { ...signed(claimsOf(task, { gate: 'backup' })), gate: 'backup' };
    expect(await json(attestOfOrg(ofTask), 422)).toMatchObject({ detail: 'The token is about another task.' });
    expect(await json(attest(task, body), 422)).toMatchObject({ detail: 'The token is about another task.' });
  });

  test('it counts for every task, but not by the word of whoever submitted that, and not when it is too old', async () => {
    const of = randomOrg();
    const task = await aTask(of);
    const backup = async () => {
      const { gates } = await json(call(`GET /v1/tasks/${task}/gates`, { org: of }));
      return (gates as { gate: string; status: string }[]).find(({ gate }) => gate === 'backup');
    };
    await json(attestOfOrg(said, { org: of, uid: 'sue' }), 201);
    expect(await backup()).toMatchObject({ status: 'no_evidence', evidence: [{ interested: true }] });
    const { id } = await json(attestOfOrg(said, { org: of, uid: 'ann' }), 201);
    expect(await backup()).toMatchObject({ status: 'passed' });
    expect(await lastBackupTest(of)).toBeInstanceOf(Date);
    const weeksAgo = new Date(Date.now() - 15 * 24 * 3_600_000);
    await firestore()
      .doc(`orgs/${of}/attestations/${String(id)}`)
      .update({ at: weeksAgo });
    expect(await backup()).toMatchObject({ status: 'no_evidence' });
  });
});

describe('the attestations of a task', () => {
  test('are listed newest first, in pages', async () => {
    const task = await aTask();
    for (const summary of ['one', 'two', 'three']) await json(attest(task, { ...said, summary }), 201);
    const summaries = (page: Record<string, unknown>) =>
      (page['attestations'] as { summary: string }[]).map(({ summary }) => summary);
    const path = `GET /v1/tasks/${task}/attestations?pageSize=2`;
    const first = await json(call(path, { org }));
    const second = await json(call(`${path}&pageToken=${String(first['nextPageToken'])}`, { org }));
    expect([summaries(first), summaries(second), second['nextPageToken']]).toEqual([
      ['three', 'two'],
      ['one'],
      undefined,
    ]);
  });

  test('that do not exist are 404', async () => {
    const answer = call(`GET /v1/tasks/${await aTask()}/attestations/att_${'0'.repeat(20)}`, { org });
    expect(await json(answer, 404)).toMatchObject({ code: 'governance.attestation_not_found' });
  });
});

describe('an attestation key', () => {
  test('is registered once, however often and at once', async () => {
    const key = p256();
    const [answer, other] = await Promise.all([register(key), register(key)]);
    const made = await json(answer, 201);
    expect(await json(other, 201)).toEqual(made);
    expect(made).toMatchObject({
      name: 'CI',
      jwk: key.jwk,
      gates: ['tests', 'security', 'backup'],
      revokedAt: null,
    });
    const location = new URL(answer.headers.get('location') ?? '', 'http://api/v1/attestation-keys');
    expect(await json(call(`GET ${location.pathname}`, { org }))).toEqual(made);
  });

  test('cannot be registered again for more: 409', async () => {
    const key = ed25519();
    await json(register(key, { gates: ['tests'] }), 201);
    const answer = await json(register(key, { gates: ['tests', 'security'] }), 409);
    expect(answer).toMatchObject({ code: 'governance.attestation_key_exists' });
  });

  test('for a gate that accepts no key is 422', async () => {
    expect(await json(register(ed25519(), { gates: ['tests', 'documentation'] }), 422)).toMatchObject({
      code: 'governance.evidence_not_accepted',
      errors: [{ pointer: '#/gates' }],
    });
  });

  test('that is no point of its curve is 422, and a private one 400', async () => {
    const { jwk } = p256();
    const unusable = await json(register({ jwk: { ...jwk, x: 'A'.repeat(43) } }), 422);
    expect(unusable).toMatchObject({ code: 'governance.attestation_key_unusable' });
    const secret = await json(register({ jwk: { ...pair.jwk, d: 'A'.repeat(43) } }), 400);
    expect(secret).toMatchObject({ errors: [{ pointer: '#/jwk/d' }] });
  });

  test('that is revoked signs nothing more and stays on record, with what it signed before', async () => {
    const task = await aTask();
    const key = ed25519();
    const as = String((await json(register(key), 201))['id']);
    const before = signed(claimsOf(task), { key, as });
    await json(attest(task, before), 201);
    const revoked = await json(call(`DELETE /v1/attestation-keys/${as}`, { org, uid: 'bob' }));
    expect(revoked).toMatchObject({ id: as, revokedBy: { uid: 'bob' }, revokedAt: expect.any(String) });
    expect(await json(call(`DELETE /v1/attestation-keys/${as}`, { org, uid: 'eve' }))).toEqual(revoked);
    expect(await json(attest(task, signed(claimsOf(task), { key, as })), 422)).toMatchObject({
      detail: 'The key is not registered, or is revoked.',
    });
    expect(await json(register(key), 409)).toMatchObject({ code: 'governance.attestation_key_exists' });
    expect(await attestationsOfTask(org, task)).toHaveLength(1);
  });

  test('of an operator attests once a main coordinator has approved it, and the history says so', async () => {
    const of = randomOrg();
    const key = ed25519();
    const asOperator = { org: of, role: 'operator' as const, uid: 'olga' };
    const answer = await register(key, asOperator);
    const asked = await json(answer, 202);
    expect(asked).toMatchObject({ state: 'pending', task: null, subject: { kind: 'security-policy-change' } });
    expect(await json(register(key, asOperator), 202)).toMatchObject({ id: asked['id'] });
    expect(await json(call('GET /v1/attestation-keys', { org: of }))).toEqual({ attestationKeys: [] });
    const { pathname } = new URL(answer.headers.get('location') ?? '', 'http://api/v1/attestation-keys');
    for (const uid of ['olga', 'otto']) await json(call(`POST ${pathname}/approve`, { ...asOperator, uid }), 403);
    await json(call(`POST ${pathname}/approve`, { org: of, role: 'main-coordinator', uid: 'max' }));
    const { attestationKeys } = await json(call('GET /v1/attestation-keys', { org: of }));
    const [{ id }] = attestationKeys as [{ id: string }];
    expect(attestationKeys).toMatchObject([{ jwk: key.jwk, createdBy: { uid: 'olga' } }]);
    expect(await json(register(key, asOperator), 201)).toMatchObject({ id });
    await json(call(`DELETE /v1/attestation-keys/${id}`, asOperator));
    const { changes } = await json(call('GET /v1/policy/changes', { org: of }));
    const registered = { kind: 'attestation-key-registered', key: id };
    expect(changes).toMatchObject([
      { step: 'made', by: { uid: 'olga' }, subject: { kind: 'attestation-key-revoked', key: id } },
      { step: 'made', by: { uid: 'olga' }, approvedBy: { uid: 'max' }, approval: asked['id'], subject: registered },
      { step: 'proposed', by: { uid: 'olga' }, approvedBy: null, approval: asked['id'], subject: registered },
    ]);
  });

  test('is listed newest first, in pages', async () => {
    const lone = randomOrg();
    for (const name of ['one', 'two', 'three']) await json(register(ed25519(), { org: lone, name }), 201);
    const names = (page: Record<string, unknown>) =>
      (page['attestationKeys'] as { name: string }[]).map(({ name }) => name);
    const first = await json(call('GET /v1/attestation-keys?pageSize=2', { org: lone }));
    const rest = `GET /v1/attestation-keys?pageSize=2&pageToken=${String(first['nextPageToken'])}`;
    expect([names(first), names(await json(call(rest, { org: lone })))]).toEqual([['three', 'two'], ['one']]);
  });
});
