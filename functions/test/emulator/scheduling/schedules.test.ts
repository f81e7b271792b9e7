import { beforeEach, describe, expect, test } from '@jest/globals';
import { call, json, type Call } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import { maxSchedules } from '../../../src/scheduling/schedules.firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';

const yearly = { name: 'Yearly', cron: '0 0 1 1 *', submission: { title: 'Review the year' } };
const unknownAgent = {
  title: 'Nobody can do this',
  plan: [{ id: 'a', specialist: 'nobody', title: 'A', artifactKind: 'markdown' }],
};

let org: OrgId;
beforeEach(() => {
  org = randomOrg();
});

const on = (operation: string, options: Partial<Call> = {}) => call(operation, { org, ...options });
const create = (body: object = yearly, headers: Record<string, string> = {}) =>
  on('POST /v1/schedules', { body, headers });
const created = async (body: object = yearly) => {
  const response = await create(body);
  const schedule = await json(response, 201);
  return { path: `/v1/schedules/${String(schedule['id'])}`, etag: response.headers.get('etag') ?? '', schedule };
};
const ifMatch = (etag: string) => ({ 'if-match': etag });

describe('creating a schedule', () => {
  test('answers with its next five runs, and it can be read and listed', async () => {
    const response = await create({ ...yearly, timeZone: 'Europe/Berlin', cron: '0 12 31 12 *' });
    const schedule = await json(response, 201);
    expect(schedule).toMatchObject({
      name: 'Yearly',
      timeZone: 'Europe/Berlin',
      enabled: true,
      overlap: 'skip',
      deadlineMinutes: null,
      lastRunAt: null,
      lastTask: null,
      lastError: null,
      createdBy: 'operator-1',
    });
    const upcoming = schedule['upcoming'] as string[];
    expect(upcoming).toHaveLength(5);
    expect(upcoming.map((run) => run.slice(4))).toEqual(upcoming.map(() => '-12-31T11:00:00.000Z'));
    expect(schedule['nextRunAt']).toBe(upcoming[0]);
    expect(schedule).not.toHaveProperty('org');
    expect(response.headers.get('location')).toBe(`schedules/${String(schedule['id'])}`);
    const read = await on(`GET /v1/schedules/${String(schedule['id'])}`);
    expect(read.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(await json(read)).toEqual(schedule);
    expect(await json(on('GET /v1/schedules'))).toEqual({ schedules: [schedule] });
  });

  test('that is disabled has no run to come', async () => {
    const { schedule } = await created({ ...yearly, enabled: false });
    expect(schedule).toMatchObject({ enabled: false, nextRunAt: null, upcoming: [] });
  });

  test('twice with the same key makes one; with the key of another it is 409', async () => {
    const headers = { 'idempotency-key': 'yearly' };
    const first = await json(create(yearly, headers), 201);
    const replay = await create(yearly, headers);
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(await json(replay, 201)).toEqual(first);
    const other = create({ ...yearly, name: 'Another' }, headers);
    expect(await json(other, 409)).toMatchObject({ code: 'scheduling.key_reused' });
  });

  test.each([
    [{ ...yearly, cron: '61 * * * *' }, '#/cron'],
    [{ ...yearly, cron: '* * * * * *' }, '#/cron'],
    [{ ...yearly, cron: '0 0 30 2 *' }, '#/cron'],
    [{ ...yearly, timeZone: 'Europe/Atlantis' }, '#/timeZone'],
    [{ ...yearly, timeZone: '+02:00' }, '#/timeZone'],
    [{ ...yearly, deadlineMinutes: 0 }, '#/deadlineMinutes'],
    [{ ...yearly, overlap: 'queue' }, '#/overlap'],
    [{ ...yearly, submission: {} }, '#/submission/title'],
    [{ ...yearly, submission: { title: 'A', startAt: '2030-01-01T00:00:00Z' } }, '#/submission/startAt'],
    [{ ...yearly, submission: { title: 'A', deadline: '2030-01-01T00:00:00Z' } }, '#/submission/deadline'],
    [{ ...yearly, nextRunAt: '2030-01-01T00:00:00Z' }, '#/nextRunAt'],
  ])('as %j is 400 at %s', async (body, pointer) => {
    expect(await json(create(body), 400)).toMatchObject({ errors: [{ pointer }] });
  });

  test('with a task that is too large is 400, and one that was stored before stays readable', async () => {
    const plan = Array.from({ length: 40 }, (_, nth) => ({
      ...unknownAgent.plan[0],
      id: `a-${nth}`,
      instructions: 'x'.repeat(8_000),
    }));
    const submission = { title: 'Large', plan };
    expect(await json(create({ ...yearly, submission }), 400)).toMatchObject({ errors: [{ pointer: '#/submission' }] });
    const { id } = await json(create(yearly), 201);
    await firestore()
      .doc(`orgs/${org}/schedules/${String(id)}`)
      .update({ submission: { ...submission, description: '', planning: 'template' } });
    expect(await json(on(`GET /v1/schedules/${String(id)}`))).toMatchObject({ submission: { title: 'Large' } });
  });

  test('beyond the limit is 422, while a replay is answered still', async () => {
    const headers = { 'idempotency-key': 'the-first' };
    await json(create(yearly, headers), 201);
    const batch = firestore().batch();
    for (let nth = 1; nth < maxSchedules; nth++)
      batch.create(firestore().doc(`orgs/${org}/schedules/seed-${nth}`), { org });
    await batch.commit();
    expect(await json(create(), 422)).toMatchObject({ code: 'scheduling.too_many_schedules' });
    await json(create(yearly, headers), 201);
  });
});

test('schedules are listed in pages, newest first, each once', async () => {
  const names = ['one', 'two', 'three'];
  for (const name of names) await created({ ...yearly, name });
  const first = (await json(on('GET /v1/schedules?pageSize=2'))) as { schedules: object[]; nextPageToken: string };
  const second = (await json(on(`GET /v1/schedules?pageSize=2&pageToken=${first.nextPageToken}`))) as typeof first;
  expect([...first.schedules, ...second.schedules]).toMatchObject([...names].reverse().map((name) => ({ name })));
  expect(second).not.toHaveProperty('nextPageToken');
});

describe('changing a schedule', () => {
  test('changes what is named and nothing else, and moves its runs when the times are other ones', async () => {
    const { path, etag, schedule } = await created({ ...yearly, deadlineMinutes: 30 });
    const response = await on(`PATCH ${path}`, { body: { cron: '0 0 2 1 *' }, headers: ifMatch(etag) });
    const changed = await json(response);
    expect(changed).toMatchObject({ name: 'Yearly', submission: schedule['submission'], deadlineMinutes: 30 });
    expect((changed['upcoming'] as string[]).map((run) => run.slice(4, 10))).toEqual(Array(5).fill('-01-02'));
    const read = await on(`GET ${path}`);
    expect(read.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(await json(read)).toEqual(changed);
    const none = on(`PATCH ${path}`, {
      body: { deadlineMinutes: null },
      headers: ifMatch(read.headers.get('etag') ?? ''),
    });
    expect(await json(none)).toMatchObject({ deadlineMinutes: null, nextRunAt: changed['nextRunAt'] });
  });

  test('that was changed meanwhile is 412, without If-Match 428', async () => {
    const { path, etag } = await created();
    await json(on(`PATCH ${path}`, { body: { name: 'Mine' }, headers: ifMatch(etag) }));
    const late = on(`PATCH ${path}`, { body: { name: 'Theirs' }, headers: ifMatch(etag) });
    expect(await json(late, 412)).toMatchObject({ code: 'http.precondition_failed' });
    const blind = on(`PATCH ${path}`, { body: { name: 'Theirs' } });
    expect(await json(blind, 428)).toMatchObject({ code: 'http.precondition_required' });
    expect(await json(on(`GET ${path}`))).toMatchObject({ name: 'Mine' });
  });

  test.each([
    [{ cron: 'never' }, '#/cron'],
    [{ timeZone: 'Mars/Olympus' }, '#/timeZone'],
    [{ enabled: false }, '#/enabled'],
  ])('to %j is 400', async (body, pointer) => {
    const { path, etag } = await created();
    const answer = on(`PATCH ${path}`, { body, headers: ifMatch(etag) });
    expect(await json(answer, 400)).toMatchObject({ errors: [{ pointer }] });
  });
});

describe('deleting a schedule', () => {
  test('is 412 for who saw another state, 428 for who names none, and the second time 404', async () => {
    const { path, etag } = await created();
    const { headers } = await on(`PATCH ${path}`, { body: { name: 'Mine' }, headers: ifMatch(etag) });
    await json(on(`DELETE ${path}`, { headers: ifMatch(etag) }), 412);
    await json(on(`DELETE ${path}`), 428);
    const seen = ifMatch(headers.get('etag') ?? '');
    expect((await on(`DELETE ${path}`, { headers: seen })).status).toBe(204);
    expect(await json(on(`DELETE ${path}`, { headers: seen }), 404)).toMatchObject({
      code: 'scheduling.schedule_not_found',
    });
    for (const operation of ['GET', 'PATCH']) {
      await json(on(`${operation} ${path}`, operation === 'GET' ? {} : { body: {}, headers: seen }), 404);
    }
    for (const verb of ['run', 'pause', 'resume']) await json(on(`POST ${path}/${verb}`), 404);
    await json(on(`GET ${path}/runs`), 404);
  });

  test('leaves the tasks that it has handed in', async () => {
    const { path } = await created();
    const run = await json(on(`POST ${path}/run`), 202);
    const { headers } = await on(`GET ${path}`);
    expect((await on(`DELETE ${path}`, { headers: ifMatch(headers.get('etag') ?? '') })).status).toBe(204);
    await json(on(`GET /v1/tasks/${String(run['task'])}`));
  });
});

describe('running a schedule now', () => {
  test('hands in its task, says where it is, and moves no run to come, paused or not', async () => {
    const { path, schedule } = await created({ ...yearly, deadlineMinutes: 30, enabled: false });
    const response = await on(`POST ${path}/run`, { role: 'main-coordinator' });
    const run = await json(response, 202);
    expect(run).toMatchObject({ schedule: schedule['id'], slot: null, requestedBy: 'main-coordinator-1', error: null });
    const url = new URL(response.headers.get('location') ?? '', `http://api${path}/run`);
    const task = await json(on(`GET ${url.pathname}`));
    expect(task).toMatchObject({
      id: run['task'],
      submission: { title: 'Review the year' },
      submittedBy: { channel: 'schedule', schedule: schedule['id'] },
      deadlineAt: new Date(Date.parse(String(run['beganAt'])) + 30 * 60_000).toISOString(),
    });
    expect(await json(on(`GET ${path}`))).toMatchObject({
      lastTask: run['task'],
      lastRunAt: run['beganAt'],
      nextRunAt: null,
    });
  });

  test('twice with the same key hands in one, whatever was edited between; with another key, another', async () => {
    const { path } = await created({ ...yearly, deadlineMinutes: 30 });
    const run = (key: string) => on(`POST ${path}/run`, { headers: { 'idempotency-key': key } });
    const first = await json(run('a'), 202);
    const { headers } = await on(`GET ${path}`);
    const edit = { body: { submission: { title: 'Edited' } }, headers: ifMatch(headers.get('etag') ?? '') };
    await json(on(`PATCH ${path}`, edit));
    const replay = await run('a');
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(await json(replay, 202)).toEqual(first);
    const other = await json(run('b'), 202);
    expect(other['task']).not.toBe(first['task']);
    const { runs } = (await json(on(`GET ${path}/runs`))) as { runs: object[] };
    expect(runs).toEqual([other, first]);
  });

  test('with a submission that is refused answers the refusal and keeps it on record', async () => {
    const { path } = await created({ ...yearly, submission: unknownAgent });
    const refusal = { code: 'coordination.invalid_plan', errors: [{ pointer: '#/plan/0/specialist' }] };
    const headers = { 'idempotency-key': 'a' };
    expect(await json(on(`POST ${path}/run`, { headers }), 422)).toMatchObject(refusal);
    expect(await json(on(`POST ${path}/run`, { headers }), 422)).toMatchObject(refusal);
    const { lastError, lastTask } = await json(on(`GET ${path}`));
    expect([lastError, lastTask]).toEqual([
      {
        code: 'coordination.invalid_plan',
        detail: expect.stringContaining('#/plan/0/specialist') as unknown,
        at: expect.any(String) as unknown,
      },
      null,
    ]);
    expect(await json(on(`GET ${path}/runs`))).toMatchObject({ runs: [{ task: null, error: lastError }] });
  });

  test('lists its runs in pages, newest first, each once', async () => {
    const { path } = await created();
    const tasks: unknown[] = [];
    for (let count = 0; count < 3; count++) tasks.unshift((await json(on(`POST ${path}/run`), 202))['task']);
    const first = (await json(on(`GET ${path}/runs?pageSize=2`))) as { runs: object[]; nextPageToken: string };
    const rest = (await json(on(`GET ${path}/runs?pageSize=2&pageToken=${first.nextPageToken}`))) as typeof first;
    expect([...first.runs, ...rest.runs]).toMatchObject(tasks.map((task) => ({ task })));
    expect(rest).not.toHaveProperty('nextPageToken');
  });
});

test('a schedule that is paused has no run to come until it is resumed; doing either twice is harmless', async () => {
  const { path, schedule } = await created();
  const paused = await on(`POST ${path}/pause`);
  expect(await json(paused)).toMatchObject({ enabled: false, nextRunAt: null, upcoming: [] });
  const again = await on(`POST ${path}/pause`);
  expect(again.headers.get('etag')).toBe(paused.headers.get('etag'));
  const resumed = await json(on(`POST ${path}/resume`));
  expect(resumed).toEqual({ ...schedule, updatedAt: resumed['updatedAt'] });
  expect(await json(on(`POST ${path}/resume`))).toEqual(resumed);
});
