// What can be read of a task that a team has worked on, up to its event stream.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { api, call, json, tokenFor } from './callers.ts';
import { beforeDatabaseCloses, randomOrg } from '../harness.ts';
import { startTeam, type Team } from '../coordination/team.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { ApiError, createClient, type TaskEvent } from '../../../src/client.ts';

const org = randomOrg();
let team: Team;
let server: Server;
let done = '';
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  team = await startTeam(org);
  done = (await team.submit({ title: 'Add an endpoint', category: 'api-design' })).id;
  await team.over(done as Parameters<Team['over']>[0]);
  const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  server = createServer((request, response) => void listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = createClient({ baseUrl: `http://127.0.0.1:${port}`, token: () => tokenFor({ org }) });
}, 60_000);
beforeDatabaseCloses(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  await team.stop();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  call(`GET /v1/tasks/${done}${path}`, { org, role: 'member', headers });

const allEvents = async (): Promise<TaskEvent[]> => {
  const events: TaskEvent[] = [];
  for await (const event of client.followTask(done)) events.push(event);
  return events;
};

describe('a finished task', () => {
  test('shows its assignments, one by one and together, without our bookkeeping', async () => {
    const { assignments } = (await json(get('/assignments'))) as { assignments: Record<string, unknown>[] };
    expect(assignments.length).toBeGreaterThan(3);
    const [first] = assignments;
    expect(first).toMatchObject({
      state: 'succeeded',
      calls: [{ outcome: 'ok', costNanoUsd: expect.stringMatching(/^\d+$/) }],
    });
    expect(
      Object.keys(first ?? {})
        .sort()
        .join(' '),
    ).toBe(
      'agentVersion answeredBy approval artifactKind asked author calls deadlineAt dependsOn depth failedTries failure finishedAt id ' +
        'instructions lostCalls ordinal priority question remarks result retryAt round specialist startedAt state supersedes title',
    );
    expect(await json(get(`/assignments/${String(first?.['id'])}`))).toEqual(first);
    expect(await json(get('/assignments/nobody'), 404)).toMatchObject({ code: 'coordination.assignment_not_found' });
  });

  test('shows its artifacts, with the content only one by one', async () => {
    const { artifacts } = (await json(get('/artifacts'))) as { artifacts: Record<string, unknown>[] };
    const contract = artifacts.find(({ kind }) => kind === 'openapi');
    expect(contract).not.toHaveProperty('content');
    const whole = await json(get(`/artifacts/${String(contract?.['id'])}`));
    expect(whole).toMatchObject(contract ?? {});
    expect(String(whole['content']).length).toBeGreaterThan(10);
    expect(await json(get('/artifacts/nothing'), 404)).toMatchObject({ code: 'coordination.artifact_not_found' });
  });

  test('has a scratchpad, as JSON or as the Markdown page', async () => {
    const pad = await json(get('/scratchpad'));
    expect(pad).toMatchObject({ sections: { progressTracking: expect.any(Array) as unknown } });
    const page = await get('/scratchpad', { accept: 'text/markdown' });
    expect(page.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await page.text()).toBe(pad['markdown']);
  });

  test('has a report in the shape of the specification', async () => {
    const report = await json(get('/report'));
    expect(report).toMatchObject({
      agent: 'backend-coordinator',
      status: 'completed',
      metrics: { security_score: expect.any(String) as unknown },
      spend: { costNanoUsd: expect.stringMatching(/^\d+$/) as unknown },
    });
    expect(report).not.toHaveProperty('org');
  });

  test('cannot be cancelled any more: 409', async () => {
    const answer = call(`POST /v1/tasks/${done}/cancel`, { org });
    expect(await json(answer, 409)).toMatchObject({ code: 'coordination.task_is_over' });
  });

  test('has a report of how it stands before it is over, which nobody is sent', async () => {
    const { id } = await json(call('POST /v1/tasks', { org, body: { title: 'Unfinished' } }), 202);
    const report = await json(call(`GET /v1/tasks/${String(id)}/report`, { org }));
    expect(report).toMatchObject({
      task: id,
      status: 'update',
      summary: 'Unfinished: submitted, 0 of 0 assignments done',
      saved: null,
    });
    expect(report['gates']).toHaveLength(8);
    expect(await json(call(`GET /v1/messages?task=${String(id)}`, { org }))).toEqual({ messages: [] });
  });
});

describe('the events', () => {
  test('come in pages, whose cursors continue exactly after any event', async () => {
    const whole = (await json(get('/events?pageSize=100'))) as { events: TaskEvent[]; over: boolean };
    expect(whole.over).toBe(true);
    expect(whole.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['task.submitted', 'task.completed']));
    const paged: TaskEvent[] = [];
    for (let token = '', over = false; !over;) {
      const page = await json(get(`/events?pageSize=7${token}`));
      paged.push(...(page['events'] as TaskEvent[]));
      over = page['over'] as boolean;
      token = `&pageToken=${page['nextPageToken'] as string}`;
    }
    expect(paged).toEqual(whole.events);
    const rest = await json(get(`/events?pageSize=100&pageToken=${whole.events[4]?.cursor ?? ''}`));
    expect(rest['events']).toEqual(whole.events.slice(5));
  });

  test('carry times and money as JSON can, and none of our bookkeeping', async () => {
    const { events } = (await json(get('/events?pageSize=100'))) as { events: TaskEvent[] };
    const submitted = events.find(({ type }) => type === 'task.submitted');
    expect(submitted?.data['deadlineAt']).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(
      Object.keys(submitted?.data ?? {})
        .sort()
        .join(' '),
    ).toBe('deadlineAt forkedFrom id queue submission submittedBy width');
    const completed = events.find(({ type }) => type === 'task.completed');
    expect(completed?.data['spend']).toMatchObject({ costNanoUsd: expect.stringMatching(/^\d+$/) as unknown });
  });

  test('come as a stream with the same content, which ends by itself', async () => {
    const whole = (await json(get('/events?pageSize=100'))) as { events: TaskEvent[] };
    expect(await allEvents()).toEqual(whole.events);
  });

  test('of a stream continue after Last-Event-ID; when nothing is left the answer is 204', async () => {
    const { events } = (await json(get('/events?pageSize=100'))) as { events: TaskEvent[] };
    const accept = 'text/event-stream';
    const rest = await get('/events', { accept, 'last-event-id': events.at(-2)?.cursor ?? '' });
    expect(rest.headers.get('content-type')).toBe(accept);
    expect((await rest.text()).match(/^id: .*$/gm)).toEqual([`id: ${events.at(-1)?.cursor ?? ''}`]);
    expect((await get('/events', { accept, 'last-event-id': events.at(-1)?.cursor ?? '' })).status).toBe(204);
  });

  test('with a cursor that is not ours are 400, in both forms', async () => {
    expect(await json(get('/events?pageToken=nonsense!'), 400)).toMatchObject({ code: 'coordination.invalid_cursor' });
    const stream = get('/events', { accept: 'text/event-stream', 'last-event-id': 'nonsense!' });
    expect(await json(stream, 400)).toMatchObject({ code: 'coordination.invalid_cursor' });
  });

  test('of a task at work arrive as they happen, until it is over', async () => {
    const { id } = await json(call('POST /v1/tasks', { org, body: { title: 'Follow me' } }), 202);
    const types: string[] = [];
    for await (const { type } of client.followTask(String(id))) {
      types.push(type);
      if (type === 'task.submitted') await json(call(`POST /v1/tasks/${String(id)}/cancel`, { org }));
    }
    expect(types).toEqual(['task.submitted', 'task.canceled']);
  });

  test('of a task that is not there end the following with the problem', async () => {
    const following = client.followTask('tsk_00000000000000000000').next();
    await expect(following).rejects.toThrow(ApiError);
    await expect(following).rejects.toMatchObject({ problem: { code: 'coordination.task_not_found' } });
  });
});

describe('the report on all tasks', () => {
  const send = (at: OrgId, key: string) =>
    call('POST /v1/report/send', { org: at, headers: { 'idempotency-key': key } });

  test('is sent once under a key, which answers with what was sent, whatever happened since (C9)', async () => {
    const own = randomOrg();
    const first = await send(own, 'monday');
    const sent = await json(first);
    expect(first.headers.has('idempotent-replayed')).toBe(false);
    const location = new URL(first.headers.get('location') ?? '', 'http://api/v1/report/send');
    const { message, ...report } = sent;
    expect(await json(call(`GET ${location.pathname}`, { org: own }))).toMatchObject({ id: message, body: report });
    const raised = { trigger: 'service-outage', title: 'The API is down' };
    await json(call('POST /v1/escalations', { org: own, body: raised }), 201);
    expect(await json(call('GET /v1/report', { org: own }))).not.toMatchObject(report);
    const again = await send(own, 'monday');
    expect([again.headers.get('idempotent-replayed'), await json(again)]).toEqual(['true', sent]);
    expect((await json(send(own, 'tuesday')))['message']).not.toBe(message);
  });
});
