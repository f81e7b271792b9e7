import { describe, expect, test } from '@jest/globals';
import { call, json } from './callers.ts';
import { randomOrg } from '../harness.ts';

const org = randomOrg();
const submit = (body: unknown, headers: Record<string, string> = {}, uid = 'ada') =>
  call('POST /v1/tasks', { org, role: 'member', uid, body, headers });

describe('submitTask', () => {
  test('answers 202 with the task and where it is', async () => {
    const response = await submit({ title: 'Add an endpoint', category: 'api-design' });
    const task = await json(response, 202);
    expect(task).toMatchObject({
      state: 'submitted',
      submission: { title: 'Add an endpoint', category: 'api-design', planning: 'template' },
      submittedBy: { channel: 'http', uid: 'ada', role: 'member' },
    });
    const location = new URL(response.headers.get('location') ?? '', 'https://host/api/v1/tasks');
    expect(location.pathname).toBe(`/api/v1/tasks/${String(task['id'])}`);
    expect(response.headers.has('idempotent-replayed')).toBe(false);
    expect(await json(call(`GET /v1/tasks/${String(task['id'])}`, { org, role: 'member' }))).toEqual(task);
  });

  test.each<[string, object, string]>([
    ['half a character', { title: 'half \ud83d' }, '#/title'],
    ['NUL', { title: 'a\0b' }, '#/title'],
    ['a sum of money that is too large', { title: 'x', budgetNanoUsd: '1000000000000001' }, '#/budgetNanoUsd'],
    ['a time that is too late', { title: 'x', startAt: '9999-12-31T23:59:59Z' }, '#/startAt'],
    ['a time that is too late in UTC', { title: 'x', deadline: '9999-12-31T23:59:59-23:59' }, '#/deadline'],
  ])('with %s answers 400 with the field', async (_, body, pointer) => {
    expect(await json(submit(body), 400)).toMatchObject({ code: 'platform.invalid_input', errors: [{ pointer }] });
  });

  test('tells callers nothing of leases, hashes and the org', async () => {
    const task = await json(submit({ title: 'Private' }), 202);
    expect(Object.keys(task).sort().join(' ')).toBe(
      'analysis calls createdAt deadlineAt failure forkedFrom id plan state submission submittedBy updatedAt waits',
    );
  });

  test('with the same key and body answers the same task again, and says so', async () => {
    const headers = { 'idempotency-key': 'key-1' };
    const first = await json(submit({ title: 'Once' }, headers), 202);
    const second = await submit({ title: 'Once' }, headers);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect((await json(second, 202))['id']).toBe(first['id']);
  });

  test('with the same key and body answers the same task, though its agent was disabled meanwhile (C9)', async () => {
    const own = randomOrg();
    const plan = [{ id: 'a', specialist: 'ml-engineer', title: 'Embed', artifactKind: 'markdown' }];
    const again = (key: string) =>
      call('POST /v1/tasks', { org: own, body: { title: 'Planned', plan }, headers: { 'idempotency-key': key } });
    const first = await json(again('key-4'), 202);
    await json(call('POST /v1/agents/ml-engineer/disable', { org: own }));
    const second = await again('key-4');
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect((await json(second, 202))['id']).toBe(first['id']);
    expect(await json(again('key-5'), 422)).toMatchObject({ code: 'coordination.invalid_plan' });
  });

  test('with the same key and another body is 409; in another organisation it is another task', async () => {
    const headers = { 'idempotency-key': 'key-2' };
    const first = await json(submit({ title: 'One' }, headers), 202);
    expect(await json(submit({ title: 'Two' }, headers), 409)).toMatchObject({ code: 'coordination.key_reused' });
    const elsewhere = await json(call('POST /v1/tasks', { org: randomOrg(), body: { title: 'Two' }, headers }), 202);
    expect(elsewhere['id']).not.toBe(first['id']);
  });

  test('of the same request from many at once makes one task', async () => {
    const headers = { 'idempotency-key': 'key-3' };
    const tasks = await Promise.all(Array.from({ length: 8 }, () => json(submit({ title: 'Race' }, headers), 202)));
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(1);
  });

  test('with input that does not fit names every failing field', async () => {
    const body = { category: 'cooking', priority: 1, plan: [], extra: true };
    const { errors } = await json(submit(body, { 'idempotency-key': 'has space' }), 400);
    expect((errors as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual(
      ['#/category', '#/extra', '#/plan', '#/priority', '#/title', 'header#/Idempotency-Key'].sort(),
    );
  });

  test('with control characters in the ids of a plan is 400', async () => {
    const plan = [{ id: 'a\u0000b', specialist: 'api-designer', title: 'x', artifactKind: 'openapi' }];
    expect(await json(submit({ title: 'Bad', plan }), 400)).toMatchObject({ errors: [{ pointer: '#/plan/0/id' }] });
  });

  test('with a plan that has a circle is 422', async () => {
    const node = (id: string, dependsOn: string[]) => ({
      id,
      dependsOn,
      specialist: 'api-designer',
      title: id,
      artifactKind: 'openapi',
    });
    const plan = [node('a', ['b']), node('b', ['a'])];
    expect(await json(submit({ title: 'Circle', plan }), 422)).toMatchObject({ code: 'coordination.invalid_plan' });
  });

  test('with a plan that is too large for one commit is 422 and says how large it is', async () => {
    const plan = Array.from({ length: 100 }, (_, index) => ({
      id: `part-${index}`,
      specialist: 'nodejs-expert',
      title: 'Part',
      artifactKind: 'markdown',
    }));
    expect(await json(submit({ title: 'Large', description: '語'.repeat(20_000), plan }), 422)).toMatchObject({
      code: 'coordination.invalid_plan',
      errors: [{ pointer: '#/plan', detail: expect.stringContaining('8000000') }],
    });
  });

  test('with a plan that is too large for one document is 422 and says how large it is', async () => {
    const plan = Array.from({ length: 115 }, (_, index) => ({
      id: `part-${index}`,
      specialist: 'nodejs-expert',
      title: 'Part',
      instructions: 'x'.repeat(8_000),
      artifactKind: 'markdown',
    }));
    expect(await json(submit({ title: 'Large', plan }), 422)).toMatchObject({
      code: 'coordination.invalid_plan',
      errors: [{ pointer: '#/plan', detail: expect.stringContaining('900000') }],
    });
  });

  test('with a deadline that has passed is 422', async () => {
    expect(await json(submit({ title: 'Late', deadline: '2020-01-01T00:00:00Z' }), 422)).toMatchObject({
      code: 'coordination.deadline_in_past',
      errors: [{ pointer: '#/deadline' }],
    });
  });
});

describe('listTasks', () => {
  test('pages through all tasks, newest first, none twice', async () => {
    const own = randomOrg();
    const ids: unknown[] = [];
    for (const title of ['one', 'two', 'three', 'four', 'five']) {
      ids.unshift((await json(call('POST /v1/tasks', { org: own, body: { title } }), 202))['id']);
    }
    const seen: unknown[] = [];
    let token = '';
    do {
      const page = await json(call(`GET /v1/tasks?pageSize=2${token}`, { org: own }));
      seen.push(...(page['tasks'] as { id: string }[]).map(({ id }) => id));
      token = page['nextPageToken'] === undefined ? '' : `&pageToken=${page['nextPageToken'] as string}`;
    } while (token);
    expect(seen).toEqual(ids);
    expect(await json(call('GET /v1/tasks?state=completed', { org: own }))).toEqual({ tasks: [] });
  });

  test.each(['pageSize=0', 'pageSize=101', 'pageSize=x', 'pageToken=tsk_', 'state=done'])(
    'with %s is 400',
    async (query) => {
      const [name] = query.split('=');
      expect(await json(call(`GET /v1/tasks?${query}`, { org }), 400)).toMatchObject({
        errors: [{ pointer: `query#/${name}` }],
      });
    },
  );
});

describe('cancelTask', () => {
  const cancel = (id: unknown, role: 'member' | 'operator', uid: string) =>
    call(`POST /v1/tasks/${String(id)}/cancel`, { org, role, uid });

  test('by the member who submitted it cancels it; twice is harmless', async () => {
    const { id } = await json(submit({ title: 'Stop me' }), 202);
    expect(await json(cancel(id, 'member', 'ada'))).toMatchObject({ id, state: 'canceled' });
    expect(await json(cancel(id, 'member', 'ada'))).toMatchObject({ id, state: 'canceled' });
  });

  test('by another member is 403, by an operator is allowed', async () => {
    const { id } = await json(submit({ title: 'Not yours' }), 202);
    expect(await json(cancel(id, 'member', 'bob'), 403)).toMatchObject({ code: 'http.forbidden' });
    expect(await json(cancel(id, 'operator', 'eve'))).toMatchObject({ state: 'canceled' });
  });
});
