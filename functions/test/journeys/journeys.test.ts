// A few whole journeys through the public surface, on the suite as a user starts it, every function in processes of its own and
// two of each, as in production, where functions share no memory.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startSuite, type Suite } from '../../../local/src/suite.ts';
import { createClient } from '../../src/client.ts';

// No metadata server is asked who we are: the emulator does not care.
process.env['METADATA_SERVER_DETECTION'] = 'none';

let suite: Suite;
let client: ReturnType<typeof createClient>;
let pubsub: PubSub;

beforeAll(async () => {
  suite = await startSuite({
    isolate: true,
    instances: 2,
    ports: { functions: 0, firestore: 0, pubsub: 0, auth: 0, llm: 0 },
    log: () => undefined,
    backoff: { minMs: 50, maxMs: 1_000 },
  });
  client = clientFor('main-coordinator');
  pubsub = new PubSub({ projectId: suite.project, apiEndpoint: new URL(suite.urls.pubsub).host, emulatorMode: true });
}, 60_000);

afterAll(async () => {
  await pubsub.close();
  await suite.stop();
}, 30_000);

const clientFor = (role: keyof Suite['tokens']) =>
  createClient({ baseUrl: suite.urls.api, token: () => suite.tokens[role] });

/** Polls until `check` gives something; the test's own time limit ends it. */
const until = async <T>(check: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    // A caller may ask 600 times a minute.
    await delay(150);
  }
};

const submit = async (body: { title: string } & Record<string, unknown>) => {
  const answer = await client.api.v1.tasks.$post({ json: body, header: {} });
  if (!answer.ok) throw new Error(`The task was refused: ${await answer.text()}`);
  return answer.json();
};

const taskOf = async (task: string) => {
  const answer = await client.api.v1.tasks[':task'].$get({ param: { task } });
  if (!answer.ok) throw new Error(`There is no task ${task}.`);
  return answer.json();
};

const completed = (task: string) =>
  until(async () => {
    const found = await taskOf(task);
    if (found.state === 'failed') throw new Error(`The task failed: ${JSON.stringify(found.failure)}`);
    return found.state === 'completed' ? found : undefined;
  });

const assignmentsOf = async (task: string) => {
  const answer = await client.api.v1.tasks[':task'].assignments.$get({ param: { task } });
  if (!answer.ok) throw new Error('There are no assignments.');
  return (await answer.json()).assignments;
};

describe('a task over HTTPS', () => {
  test('is followed to its report by a reader who loses the connection after every third event and misses nothing', async () => {
    const task = await submit({ title: 'We need a new endpoint for extracting metadata from documents' });
    const reader = clientFor('member');
    const seen: { stream: string; seq: number; type: string }[] = [];
    let after: string | undefined;
    for (let over = false; !over;) {
      over = true;
      let inThisConnection = 0;
      for await (const event of reader.followTask(task.id, after === undefined ? {} : { after })) {
        seen.push(event);
        after = event.cursor;
        if (++inThisConnection === 3) {
          over = false;
          break;
        }
      }
    }
    const streams = Map.groupBy(seen, ({ stream }) => stream);
    for (const events of streams.values())
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(streams.get('task')?.at(-1)?.type).toBe('task.completed');
    expect([...streams.keys()].sort()).toEqual(['task', ...(await assignmentsOf(task.id)).map(({ id }) => id)].sort());

    const report = await client.api.v1.tasks[':task'].report.$get({ param: { task: task.id } });
    expect(report.status).toBe(200);
    expect(await report.json()).toMatchObject({ agent: 'backend-coordinator', status: 'completed' });
  }, 60_000);

  test('is cancelled while its models hang, and the report says so', async () => {
    const task = await submit({ title: 'Hangs [[stand-in: hang]]', category: 'performance' });
    await until(async () =>
      (await assignmentsOf(task.id)).some(({ state }) => state === 'running') ? true : undefined,
    );
    expect((await client.api.v1.tasks[':task'].cancel.$post({ param: { task: task.id } })).status).toBe(200);
    await until(async () =>
      (await assignmentsOf(task.id)).every(({ state }) => state === 'canceled') ? true : undefined,
    );
    const report = await client.api.v1.tasks[':task'].report.$get({ param: { task: task.id } });
    expect(await report.json()).toMatchObject({ status: 'canceled' });
  }, 60_000);
});

describe('a message of a plain Pub/Sub client', () => {
  test('on coordination-tasks becomes a task that is worked on, once, however often it is sent', async () => {
    const idempotencyKey = randomUUID();
    const json = { org: suite.org, title: `From Pub/Sub ${idempotencyKey}`, category: 'performance', idempotencyKey };
    const topic = pubsub.topic('coordination-tasks');
    await Promise.all([1, 2, 3].map(() => topic.publishMessage({ json })));
    const mine = async () => {
      const answer = await client.api.v1.tasks.$get({ query: {} });
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()).tasks.filter(({ submission }) => submission.title === json.title);
    };
    const [task] = await until(async () => ((await mine()).length > 0 ? mine() : undefined));
    await completed(task?.id ?? '');
    expect(await mine()).toHaveLength(1);
  }, 60_000);

  test('that is malformed is kept with every fault, and becomes a task when it is sent again corrected', async () => {
    const operator = clientFor('operator');
    const marker = randomUUID();
    const bad = { org: suite.org, title: '', category: 'plumbing', nonsense: marker };
    await pubsub.topic('coordination-tasks').publishMessage({ json: bad });
    const letters = async () => {
      const answer = await operator.api.v1['dead-letters'].$get({ query: {} });
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()).deadLetters;
    };
    const letter = await until(async () => (await letters()).find(({ payload }) => payload.includes(marker)));
    expect(letter.reason.errors.map(({ pointer }) => pointer).sort()).toEqual(['#/category', '#/nonsense', '#/title']);

    const title = `Corrected ${marker}`;
    const answer = await operator.api.v1['dead-letters'][':deadLetter'].replay.$post({
      param: { deadLetter: letter.id },
      json: { payload: { org: suite.org, title, category: 'performance' } },
    });
    expect(answer.status).toBe(200);
    await until(async () => {
      const page = await client.api.v1.tasks.$get({ query: {} });
      return page.ok ? (await page.json()).tasks.find((task) => task.submission.title === title) : undefined;
    });
  }, 60_000);
});

describe('a functions process killed with -9', () => {
  test('again and again while tasks run, leaves every task completed with one result an assignment', async () => {
    const tasks = await Promise.all(
      Array.from({ length: 4 }, (_, index) => submit({ title: `Killed ${index}`, category: 'cloud-functions' })),
    );
    let kills = 0;
    const killing = until(async () => {
      const states = await Promise.all(tasks.map(async ({ id }) => (await taskOf(id)).state));
      if (states.every((state) => state === 'completed')) return true;
      const runners = suite.instances().filter(({ functions }) => functions.some((name) => name.startsWith('run')));
      const victim = runners[kills % runners.length];
      if (victim && kills < 8) {
        await suite.kill(victim.pid);
        kills++;
      }
      return undefined;
    });
    await Promise.all(tasks.map(({ id }) => completed(id)));
    await killing;
    expect(kills).toBeGreaterThan(0);
    for (const { id } of tasks) {
      const assignments = await assignmentsOf(id);
      expect(assignments.map(({ state }) => state)).toEqual(assignments.map(() => 'succeeded'));
      const succeeded: string[] = [];
      for await (const { stream, type } of client.followTask(id)) {
        if (type === 'assignment.succeeded') succeeded.push(stream);
      }
      expect(succeeded.sort()).toEqual(assignments.map((each) => each.id).sort());
    }
  }, 120_000);
});

test('a body that is not JSON is refused by the API itself, though the platform parses bodies first', async () => {
  const answer = await fetch(`${suite.urls.api}/v1/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${suite.tokens.member}`, 'content-type': 'application/json' },
    body: '{"title": ',
  });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ status: 400, code: 'http.malformed_json' });
});

describe('the sweeper', () => {
  test('can be fired by hand, and says how it went', async () => {
    const answer = await fetch(`${suite.urls.host}/schedules/sweepTasks`, { method: 'POST' });
    expect(answer.status).toBe(200);
  });
});

describe('a decision above the team’s authority', () => {
  const approvalFor = (task: string) =>
    until(async () => {
      const { state, waits } = await taskOf(task);
      if (state === 'failed') throw new Error('The task failed.');
      return waits.find(({ kind }) => kind === 'approval');
    });
  const deciding = {
    category: 'performance',
    plan: [
      {
        id: 'choose',
        specialist: 'api-designer',
        title: 'Choose a provider',
        instructions: '[[stand-in: decide=third-party-integration]]',
        artifactKind: 'service-boundaries',
      },
      { id: 'use', specialist: 'nodejs-expert', title: 'Use it', artifactKind: 'markdown', dependsOn: ['choose'] },
    ],
  };

  test('waits for the main coordinator, who is told, and goes on once it is approved', async () => {
    const task = await submit({ title: 'Integrate a mail provider', service: 'mail', ...deciding });
    const wait = await approvalFor(task.id);
    expect((await assignmentsOf(task.id)).map(({ state }) => state)).toEqual(['awaiting_approval', 'blocked']);
    const told = await client.api.v1.messages.$get({ query: { task: task.id, kind: 'approval' } });
    expect(await told.json()).toMatchObject({
      messages: [{ to: 'main-coordinator', subject: `approvals/${wait.id}` }],
    });
    const approval = { param: { approval: wait.id }, json: { comment: 'Agreed.' } };
    expect((await client.api.v1.approvals[':approval'].approve.$post(approval)).status).toBe(200);
    await completed(task.id);
  }, 60_000);

  test('ends the task when it is rejected, with the reason in its report', async () => {
    const task = await submit({ title: 'Integrate another mail provider', service: 'letters', ...deciding });
    const wait = await approvalFor(task.id);
    const rejection = { param: { approval: wait.id }, json: { comment: 'Not on our list.' } };
    expect((await client.api.v1.approvals[':approval'].reject.$post(rejection)).status).toBe(200);
    await until(async () => ((await taskOf(task.id)).state === 'rejected' ? true : undefined));
    const report = await client.api.v1.tasks[':task'].report.$get({ param: { task: task.id } });
    expect(await report.json()).toMatchObject({
      status: 'rejected',
      summary: expect.stringContaining('Not on our list.'),
    });
  }, 60_000);
});
