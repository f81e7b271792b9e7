// Who may do what: every operation of the API, against every way of not being entitled to it. An operation that is missing here
// fails the first test.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { api, call, json } from './callers.ts';
import { randomOrg } from '../harness.ts';
import { registerAgent } from '../../../src/agents/register-agent.ts';
import { agentRegistration } from '../../../src/agents/schemas.ts';
import { commit } from '../../../src/platform/firestore.ts';
import { registerKey } from '../../../src/governance/gates/attestation-keys.ts';
import { ed25519 } from '../../../src/governance/gates/test-keys.ts';
import { attest, raiseEscalation, requestApproval } from '../../../src/governance/index.ts';
import { attestationRequest, defaultPolicy } from '../../../src/governance/schemas.ts';
import { recordDispatch } from '../../../src/communication/deliveries.firestore.ts';
import { beginDelivery } from '../../../src/communication/delivery.ts';
import { registerWebhook } from '../../../src/communication/register-webhook.ts';
import { webhookSettings } from '../../../src/communication/schemas.ts';
import { sendLateral } from '../../../src/communication/send-lateral.ts';
import { createDeadLetter } from '../../../src/coordination/dead-letters.firestore.ts';
import { submitTask } from '../../../src/coordination/index.ts';
import { submission, type DeadLetter } from '../../../src/coordination/schemas.ts';
import { roles, type Role } from '../../../src/platform/schemas.ts';
import { createSchedule } from '../../../src/scheduling/create-schedule.ts';
import { scheduleSettings } from '../../../src/scheduling/schemas.ts';

const everyone = [...roles];
const members: Role[] = ['main-coordinator', 'operator', 'member'];
const submitters: Role[] = ['main-coordinator', 'operator', 'member'];
const operators: Role[] = ['main-coordinator', 'operator'];
const agentsOnly: Role[] = ['agent'];
const body = { title: 'Add an endpoint' };
const ifMatch = { 'if-match': '"1.1000"' };
const pad = '/v1/tasks/{task}/scratchpad';
const unwritten = { 'if-match': '"0"' };
const anEdit = { fields: { text: 'Quota' } };
const lease = { token: 'token', epoch: 1 };
const onAssignment = 'POST /v1/tasks/{task}/assignments/api-contract';
const anAgent = {
  kind: 'pull' as const,
  name: 'Linguist',
  summary: 'Knows words.',
  skills: ['words'],
  responsibilities: ['Words'],
  produces: ['markdown' as const],
};
const anEscalation = { trigger: 'compliance', title: 'Records are kept too long' } as const;
const anAnswer = { assignment: 'api-contract', answer: 'Europe.' };
const anAttestation = { gate: 'backup', status: 'passed', summary: 'Restored.' };
const aKey = () => ({ name: 'CI', jwk: ed25519().jwk, gates: ['tests' as const] });

const aSchedule = { name: 'Nightly', cron: '0 2 * * *', submission: body };

const aMessage = {
  from: 'backend-coordinator' as const,
  to: 'frontend-coordinator' as const,
  type: 'api_update',
  content: { endpoint: '/v1/extraction' },
};

const operations = [
  { id: 'submitTask', at: 'POST /v1/tasks', allowed: submitters, body },
  { id: 'listTasks', at: 'GET /v1/tasks', allowed: members },
  { id: 'getTask', at: 'GET /v1/tasks/{task}', allowed: members },
  { id: 'cancelTask', at: 'POST /v1/tasks/{task}/cancel', allowed: submitters },
  { id: 'pauseTask', at: 'POST /v1/tasks/{task}/pause', allowed: submitters },
  { id: 'resumeTask', at: 'POST /v1/tasks/{task}/resume', allowed: submitters },
  { id: 'giveInput', at: 'POST /v1/tasks/{task}/input', allowed: submitters, body: anAnswer },
  { id: 'retryTask', at: 'POST /v1/tasks/{task}/retry', allowed: submitters },
  { id: 'forkTask', at: 'POST /v1/tasks/{task}/fork', allowed: operators, body: {} },
  { id: 'listEffects', at: 'GET /v1/tasks/{task}/effects', allowed: members },
  { id: 'getOrgReport', at: 'GET /v1/report', allowed: operators },
  { id: 'sendOrgReport', at: 'POST /v1/report/send', allowed: operators },
  { id: 'listAssignments', at: 'GET /v1/tasks/{task}/assignments', allowed: members },
  { id: 'getAssignment', at: 'GET /v1/tasks/{task}/assignments/api-contract', allowed: members },
  { id: 'listArtifacts', at: 'GET /v1/tasks/{task}/artifacts', allowed: members },
  { id: 'getArtifact', at: 'GET /v1/tasks/{task}/artifacts/api-contract', allowed: everyone },
  { id: 'getScratchpad', at: 'GET /v1/tasks/{task}/scratchpad', allowed: members },
  { id: 'getScratchpadSection', at: `GET ${pad}/sections/checklist`, allowed: members },
  {
    id: 'editScratchpadSection',
    at: `PATCH ${pad}/sections/risks`,
    allowed: members,
    body: anEdit,
    headers: unwritten,
  },
  {
    id: 'rollBackScratchpadSection',
    at: `POST ${pad}/sections/checklist/rollback`,
    allowed: submitters,
    body: { to: 0 },
    headers: unwritten,
  },
  { id: 'listScratchpadRevisions', at: `GET ${pad}/sections/checklist/revisions`, allowed: members },
  { id: 'getScratchpadRevision', at: `GET ${pad}/sections/checklist/revisions/1`, allowed: members },
  { id: 'diffScratchpadSection', at: `GET ${pad}/sections/checklist/diff?from=0&to=0`, allowed: members },
  { id: 'archiveScratchpad', at: `POST ${pad}/archive`, allowed: operators },
  { id: 'unarchiveScratchpad', at: `POST ${pad}/unarchive`, allowed: operators },
  { id: 'linkScratchpad', at: `PUT ${pad}/related/tsk_${'1'.repeat(20)}`, allowed: members },
  { id: 'unlinkScratchpad', at: `DELETE ${pad}/related/tsk_${'1'.repeat(20)}`, allowed: members },
  { id: 'readScratchpadEvents', at: `GET ${pad}/events`, allowed: members },
  { id: 'getReport', at: 'GET /v1/tasks/{task}/report', allowed: members },
  { id: 'readEvents', at: 'GET /v1/tasks/{task}/events', allowed: members },
  { id: 'listAgents', at: 'GET /v1/agents', allowed: members },
  { id: 'getAgent', at: 'GET /v1/agents/{agent}', allowed: members },
  { id: 'registerAgent', at: 'POST /v1/agents', allowed: operators, body: { id: 'linguist', ...anAgent } },
  { id: 'replaceAgent', at: 'PUT /v1/agents/{agent}', allowed: operators, body: anAgent, headers: ifMatch },
  { id: 'enableAgent', at: 'POST /v1/agents/{agent}/enable', allowed: operators },
  { id: 'disableAgent', at: 'POST /v1/agents/{agent}/disable', allowed: operators },
  { id: 'rotateAgentSecret', at: 'POST /v1/agents/{agent}/rotate-secret', allowed: operators },
  { id: 'claimWork', at: 'POST /v1/agents/{agent}/claim', allowed: agentsOnly, body: {} },
  { id: 'renewLease', at: `${onAssignment}/heartbeat`, allowed: agentsOnly, body: { lease } },
  { id: 'completeWork', at: `${onAssignment}/complete`, allowed: agentsOnly, body: { lease, output: {} } },
  { id: 'failWork', at: `${onAssignment}/fail`, allowed: agentsOnly, body: { lease, reason: 'No.' } },
  { id: 'deleteAgent', at: 'DELETE /v1/agents/{agent}', allowed: operators },
  { id: 'createSchedule', at: 'POST /v1/schedules', allowed: operators, body: aSchedule },
  { id: 'listSchedules', at: 'GET /v1/schedules', allowed: members },
  { id: 'getSchedule', at: 'GET /v1/schedules/{schedule}', allowed: members },
  { id: 'changeSchedule', at: 'PATCH /v1/schedules/{schedule}', allowed: operators, body: {}, headers: ifMatch },
  { id: 'deleteSchedule', at: 'DELETE /v1/schedules/{schedule}', allowed: operators, headers: ifMatch },
  { id: 'runSchedule', at: 'POST /v1/schedules/{schedule}/run', allowed: operators },
  { id: 'pauseSchedule', at: 'POST /v1/schedules/{schedule}/pause', allowed: operators },
  { id: 'resumeSchedule', at: 'POST /v1/schedules/{schedule}/resume', allowed: operators },
  { id: 'listScheduleRuns', at: 'GET /v1/schedules/{schedule}/runs', allowed: members },
  { id: 'listApprovals', at: 'GET /v1/approvals', allowed: members },
  { id: 'getApproval', at: 'GET /v1/approvals/{approval}', allowed: members },
  { id: 'approve', at: 'POST /v1/approvals/{approval}/approve', allowed: submitters },
  { id: 'reject', at: 'POST /v1/approvals/{approval}/reject', allowed: submitters },
  { id: 'delegateApproval', at: 'POST /v1/approvals/{approval}/delegate', allowed: submitters, body: { uid: 'x' } },
  { id: 'listGates', at: 'GET /v1/tasks/{task}/gates', allowed: members },
  { id: 'waiveGate', at: 'POST /v1/tasks/{task}/gates/backup/waive', allowed: submitters, body: { reason: 'No data' } },
  // Without a token; with one anybody may bring it, and is answered by what it says.
  { id: 'attest', at: 'POST /v1/tasks/{task}/attest', allowed: operators, body: anAttestation },
  { id: 'attestOfOrg', at: 'POST /v1/attestations', allowed: operators, body: anAttestation },
  { id: 'listOrgAttestations', at: 'GET /v1/attestations', allowed: members },
  { id: 'getOrgAttestation', at: 'GET /v1/attestations/{attestation}', allowed: members },
  { id: 'listAttestations', at: 'GET /v1/tasks/{task}/attestations', allowed: members },
  { id: 'getAttestation', at: `GET /v1/tasks/{task}/attestations/att_${'0'.repeat(20)}`, allowed: members },
  { id: 'registerAttestationKey', at: 'POST /v1/attestation-keys', allowed: operators, body: aKey() },
  { id: 'listAttestationKeys', at: 'GET /v1/attestation-keys', allowed: operators },
  { id: 'getAttestationKey', at: 'GET /v1/attestation-keys/{attestationKey}', allowed: operators },
  { id: 'revokeAttestationKey', at: 'DELETE /v1/attestation-keys/{attestationKey}', allowed: operators },
  { id: 'raiseEscalation', at: 'POST /v1/escalations', allowed: operators, body: anEscalation },
  { id: 'listEscalations', at: 'GET /v1/escalations', allowed: operators },
  { id: 'getEscalation', at: 'GET /v1/escalations/{escalation}', allowed: operators },
  { id: 'acknowledgeEscalation', at: 'POST /v1/escalations/{escalation}/acknowledge', allowed: operators },
  {
    id: 'resolveEscalation',
    at: 'POST /v1/escalations/{escalation}/resolve',
    allowed: operators,
    body: { resolution: 'Fixed.' },
  },
  { id: 'getPolicy', at: 'GET /v1/policy', allowed: operators },
  { id: 'replacePolicy', at: 'PUT /v1/policy', allowed: operators, body: {}, headers: ifMatch },
  { id: 'listPolicyChanges', at: 'GET /v1/policy/changes', allowed: operators },
  { id: 'sendMessage', at: 'POST /v1/messages', allowed: operators, body: aMessage },
  { id: 'listMessages', at: 'GET /v1/messages', allowed: operators },
  { id: 'getMessage', at: 'GET /v1/messages/{message}', allowed: operators },
  { id: 'registerWebhook', at: 'POST /v1/webhooks', allowed: operators, body: { url: 'https://example.com/' } },
  { id: 'listWebhooks', at: 'GET /v1/webhooks', allowed: operators },
  { id: 'getWebhook', at: 'GET /v1/webhooks/{webhook}', allowed: operators },
  { id: 'changeWebhook', at: 'PATCH /v1/webhooks/{webhook}', allowed: operators, body: {}, headers: ifMatch },
  { id: 'rotateWebhookSecret', at: 'POST /v1/webhooks/{webhook}/rotate-secret', allowed: operators },
  { id: 'testWebhook', at: 'POST /v1/webhooks/{webhook}/test', allowed: operators },
  { id: 'deleteWebhook', at: 'DELETE /v1/webhooks/{webhook}', allowed: operators, headers: ifMatch },
  { id: 'listDeliveries', at: 'GET /v1/deliveries', allowed: operators },
  { id: 'redeliver', at: 'POST /v1/deliveries/{delivery}/redeliver', allowed: operators },
  { id: 'listDeadLetters', at: 'GET /v1/dead-letters', allowed: operators },
  { id: 'getDeadLetter', at: 'GET /v1/dead-letters/{deadLetter}', allowed: operators },
  { id: 'discardDeadLetter', at: 'POST /v1/dead-letters/{deadLetter}/discard', allowed: operators },
  { id: 'replayDeadLetter', at: 'POST /v1/dead-letters/{deadLetter}/replay', allowed: operators, body: {} },
];
const onOne = operations.filter(({ at }) => at.includes('{'));

const org = randomOrg();
const otherOrg = randomOrg();
const ids = {
  task: '',
  deadLetter: 'letter-1',
  agent: 'linguist-1',
  approval: '',
  escalation: '',
  attestationKey: '',
  attestation: '',
  message: '',
  webhook: '',
  delivery: '',
  schedule: '',
};
const missing = {
  task: 'tsk_00000000000000000000',
  deadLetter: 'letter-0',
  agent: 'nobody',
  approval: 'apr_00000000000000000000',
  escalation: 'esc_00000000000000000000_1',
  message: 'msg_00000000000000000000',
  webhook: 'whk_00000000000000000000',
  delivery: 'msg_00000000000000000000.whk_00000000000000000000',
  attestationKey: 'key_00000000000000000000',
  attestation: 'att_00000000000000000000',
  schedule: 'sch_00000000000000000000',
};

const fill = (at: string, filling: typeof ids) =>
  at.replaceAll(/\{(\w+)\}/g, (_, name: string) => filling[name as keyof typeof ids]);

const letter: DeadLetter = {
  id: ids.deadLetter,
  org,
  source: 'coordination-tasks',
  messageId: '1',
  payload: '{}',
  attributes: {},
  reason: { code: 'platform.invalid_input', detail: 'It does not fit.', errors: [] },
  state: 'kept',
  receivedAt: new Date(),
  replayedAt: null,
  discardedAt: null,
};

beforeAll(async () => {
  const submittedBy = { channel: 'http' as const, uid: 'someone-else', role: 'member' as const };
  const { task } = await submitTask({ org, submission: submission.parse(body), submittedBy, now: new Date() });
  ids.task = task.id;
  await createDeadLetter(letter);
  const settings = scheduleSettings.parse(aSchedule);
  ids.schedule = (await createSchedule({ org, settings, createdBy: 'x', now: new Date() })).value.id;
  await registerAgent(agentRegistration.parse({ id: ids.agent, ...anAgent }), {
    org,
    by: 'x',
    now: new Date(),
    allowPrivate: false,
  });
  const by = { uid: 'x', role: 'operator' as const };
  ids.attestationKey = (await registerKey(org, aKey(), { by, now: new Date() })).key.id;
  const request = attestationRequest.parse(anAttestation);
  const said = await attest({ task: null, request, caller: { org, ...by }, now: new Date() });
  ids.attestation = said.attestation.id;
});

beforeAll(async () => {
  await commit((batch) => {
    ids.approval = requestApproval(
      batch,
      {
        org,
        key: 'waiver',
        task: missing.task,
        subject: { kind: 'waiver', gate: 'backup', reason: 'No data.' },
        reason: 'There is no data.',
        requestedBy: { kind: 'agent', id: 'backend-coordinator' },
        policy: defaultPolicy.approvals,
      },
      new Date(),
    ).id;
  });
});

beforeAll(async () => {
  const now = new Date();
  const { message } = await sendLateral({ org, body: aMessage, key: ['a-message'], now });
  const settings = webhookSettings.parse({ url: 'https://example.com/' });
  const { stored } = await registerWebhook({ org, settings, createdBy: 'x', now, allowPrivate: false });
  const delivery = beginDelivery(message, stored.value.id, now);
  await recordDispatch(message, [delivery]);
  const { escalation } = await raiseEscalation(
    { ...anEscalation, org, task: null, severity: 'high', subject: 'records', key: 'records', evidence: [], by: null },
    now,
  );
  ids.escalation = escalation.id;
  Object.assign(ids, { message: message.id, webhook: stored.value.id, delivery: delivery.id });
});

test('the table names every operation that needs a token, and none is left unlisted', async () => {
  const document = (await (await api.request('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { operationId: string; security: unknown[] }>>;
  };
  const guarded = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .filter(({ security }) => security.length > 0);
  expect(guarded.map(({ operationId }) => operationId).sort()).toEqual(operations.map(({ id }) => id).sort());
});

describe.each(operations)('$id', ({ at, allowed, body, headers }) => {
  const [method = '', path = ''] = at.split(' ');

  test('without a token is 401', async () => {
    const response = await api.request(fill(path, ids), { method });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="backend-coordinator"',
    ]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  for (const role of roles.filter((each) => !allowed.includes(each))) {
    test(`by ${role} is 403`, async () => {
      const response = await call(fill(at, ids), { org, role, body });
      expect(await json(response, 403)).toMatchObject({ code: 'http.forbidden' });
    });
  }

  test('by each role that may is neither refused nor a failure, member’s cancel of another’s task aside', async () => {
    for (const role of allowed.filter((each) => !(at.endsWith('/cancel') && each === 'member'))) {
      const { status } = await call(fill(at, missing), { org, role, body, headers });
      expect({ role, status, answered: status < 500 && status !== 401 && status !== 403 }).toMatchObject({
        answered: true,
      });
    }
  });
});

describe.each(onOne)('$id', ({ at, allowed: [role], body, headers }) => {
  test('answers another organisation exactly as if the thing did not exist (C8)', async () => {
    const theirs = await json(call(fill(at, ids), { org: otherOrg, role, body, headers }), 404);
    const nothing = await json(call(fill(at, missing), { org: otherOrg, role, body, headers }), 404);
    expect({ ...theirs, instance: '' }).toEqual({ ...nothing, instance: '' });
  });

  test.each(['tsk_short', '%00', '..%2f..%2forgs', 'x'.repeat(300)])(
    'with the id %.20s is 400 or 404, never a failure',
    async (id) => {
      const { status } = await call(
        fill(at, { ...ids, ...Object.fromEntries(Object.keys(ids).map((name) => [name, id])) }),
        {
          org,
          role,
          body,
          headers,
        },
      );
      expect([400, 404]).toContain(status);
    },
  );
});

test.each(onOne)('$id does not tell an agent whether the thing exists', async ({ at, body, headers }) => {
  const answerOn = async (filling: typeof ids) => {
    const response = await call(fill(at, filling), { org, role: 'agent', uid: 'some-agent', body, headers });
    const { instance: _instance, ...answer } = (await response.json()) as Record<string, unknown>;
    return { status: response.status, answer };
  };
  const known = await answerOn(ids);
  expect(known.status).toBeGreaterThanOrEqual(400);
  expect(await answerOn(missing)).toEqual(known);
});

test('lists of another organisation hold nothing of ours (C8)', async () => {
  expect(await json(call('GET /v1/tasks', { org: otherOrg }))).toEqual({ tasks: [] });
  expect(await json(call('GET /v1/dead-letters', { org: otherOrg }))).toEqual({ deadLetters: [] });
  expect(await json(call('GET /v1/messages', { org: otherOrg }))).toEqual({ messages: [] });
  expect(await json(call('GET /v1/deliveries', { org: otherOrg }))).toEqual({ deliveries: [] });
  expect(await json(call('GET /v1/schedules', { org: otherOrg }))).toEqual({ schedules: [] });
});
