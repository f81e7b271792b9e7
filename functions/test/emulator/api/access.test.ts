// Who may do what: every operation of the API, against every way of not being entitled to it. An operation that is missing here
// fails the first test.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { api, call, json } from './callers.ts';
import { randomOrg } from '../harness.ts';
import { createDeadLetter } from '../../../src/coordination/dead-letters.firestore.ts';
import { submitTask } from '../../../src/coordination/index.ts';
import { submission, type DeadLetter } from '../../../src/coordination/schemas.ts';
import { roles, type Role } from '../../../src/platform/schemas.ts';

const everyone = [...roles];
const submitters: Role[] = ['main-coordinator', 'operator', 'member'];
const operators: Role[] = ['main-coordinator', 'operator'];
const body = { title: 'Add an endpoint' };

const operations = [
  { id: 'submitTask', at: 'POST /v1/tasks', allowed: submitters, body },
  { id: 'listTasks', at: 'GET /v1/tasks', allowed: everyone },
  { id: 'getTask', at: 'GET /v1/tasks/{task}', allowed: everyone },
  { id: 'cancelTask', at: 'POST /v1/tasks/{task}/cancel', allowed: submitters },
  { id: 'listAssignments', at: 'GET /v1/tasks/{task}/assignments', allowed: everyone },
  { id: 'getAssignment', at: 'GET /v1/tasks/{task}/assignments/api-contract', allowed: everyone },
  { id: 'listArtifacts', at: 'GET /v1/tasks/{task}/artifacts', allowed: everyone },
  { id: 'getArtifact', at: 'GET /v1/tasks/{task}/artifacts/api-contract', allowed: everyone },
  { id: 'getScratchpad', at: 'GET /v1/tasks/{task}/scratchpad', allowed: everyone },
  { id: 'getReport', at: 'GET /v1/tasks/{task}/report', allowed: everyone },
  { id: 'readEvents', at: 'GET /v1/tasks/{task}/events', allowed: everyone },
  { id: 'listAgents', at: 'GET /v1/agents', allowed: everyone },
  { id: 'listDeadLetters', at: 'GET /v1/dead-letters', allowed: operators },
  { id: 'getDeadLetter', at: 'GET /v1/dead-letters/{deadLetter}', allowed: operators },
  { id: 'replayDeadLetter', at: 'POST /v1/dead-letters/{deadLetter}/replay', allowed: operators, body: {} },
];
const onOne = operations.filter(({ at }) => at.includes('{'));

const org = randomOrg();
const otherOrg = randomOrg();
const ids = { task: '', deadLetter: 'letter-1' };
const missing = { task: 'tsk_00000000000000000000', deadLetter: 'letter-0' };

const fill = (at: string, { task, deadLetter }: typeof ids) =>
  at.replace('{task}', task).replace('{deadLetter}', deadLetter);

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
};

beforeAll(async () => {
  const submittedBy = { channel: 'http' as const, uid: 'someone-else', role: 'member' as const };
  const { task } = await submitTask({ org, submission: submission.parse(body), submittedBy, now: new Date() });
  ids.task = task.id;
  await createDeadLetter(letter);
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

describe.each(operations)('$id', ({ at, allowed, body }) => {
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

  test('by each role that may is neither 401 nor 403, member’s cancel of another’s task aside', async () => {
    for (const role of allowed.filter((each) => !(at.endsWith('/cancel') && each === 'member'))) {
      const { status } = await call(fill(at, missing), { org, role, body });
      expect([401, 403]).not.toContain(status);
    }
  });
});

describe.each(onOne)('$id', ({ at, body }) => {
  test('answers another organisation exactly as if the thing did not exist (C8)', async () => {
    const theirs = await json(call(fill(at, ids), { org: otherOrg, body }), 404);
    const nothing = await json(call(fill(at, missing), { org: otherOrg, body }), 404);
    expect({ ...theirs, instance: '' }).toEqual({ ...nothing, instance: '' });
  });

  test.each(['tsk_short', '%00', '..%2f..%2forgs', 'x'.repeat(300)])(
    'with the id %.20s is 400 or 404, never a failure',
    async (id) => {
      const { status } = await call(fill(at, { task: id, deadLetter: id }), { org, body });
      expect([400, 404]).toContain(status);
    },
  );
});

test('lists of another organisation hold nothing of ours (C8)', async () => {
  expect(await json(call('GET /v1/tasks', { org: otherOrg }))).toEqual({ tasks: [] });
  expect(await json(call('GET /v1/dead-letters', { org: otherOrg }))).toEqual({ deadLetters: [] });
});
