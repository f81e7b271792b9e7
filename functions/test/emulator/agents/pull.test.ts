// Agents that ask for work: who gets what, and what a lease is good for.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { PubSub } from '@google-cloud/pubsub';
import { call, json } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import {
  asAgent,
  badOutput,
  current,
  eventTypes,
  expectLeaseLost,
  expireLease,
  goodOutput,
  handOut,
  makeDue,
  makeTopics,
  pullAgents,
  recordsUnder,
  workFor,
} from './hand-out.ts';
import { switchAgent } from '../../../src/agents/change-agent.ts';
import { cancelTask } from '../../../src/coordination/index.ts';
import type { AgentDirective } from '../../../src/coordination/external/schemas.ts';
import { findArtifact } from '../../../src/coordination/task-store.firestore.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import { healthByAgent } from '../../../src/agents/health.firestore.ts';

jest.setTimeout(40_000);

const org = randomOrg();
const pubsub = new PubSub();
beforeAll(() => makeTopics(pubsub));
afterAll(() => pubsub.close());

const { newAgent, atWork } = pullAgents(org, 'minute-taker');

describe('an agent', () => {
  const read = (uid: string, task: string, artifact: string) =>
    call(`GET /v1/tasks/${task}/artifacts/${artifact}`, { org, role: 'agent', uid });
  const notThere = { code: 'coordination.artifact_not_found' };

  test('reads the inputs of the work that it holds, and no other deliverable of the org (X1)', async () => {
    const [first, next] = [await newAgent(), await newAgent()];
    const { task, id } = await workFor(org, first.id, { next: next.id });
    await handOut(await current(org, task));
    await json(first.complete(await first.claimed()));
    expect(await json(read(next.id, task, id), 404)).toMatchObject(notThere);
    await handOut(await current(org, task, 'next'));
    await next.claimed();
    expect(await json(read(next.id, task, id))).toMatchObject({ content: goodOutput.artifact.content });
    expect(await json(read(next.id, task, 'next'), 404)).toMatchObject(notThere);
    expect(await json(read(first.id, task, id), 404)).toMatchObject(notThere);
  });
});

describe('claiming', () => {
  test('gives the directive of the specification with a lease, once', async () => {
    const agent = await newAgent();
    expect((await agent.claim()).status).toBe(204);
    const assignment = await workFor(org, agent.id);
    await handOut(assignment);
    const work = await agent.claimed();
    expect(work).toMatchObject({
      coordinator: 'backend',
      directive: 'implement_service',
      assignments: { [agent.id]: { task: 'Take the minutes', format: 'Markdown' } },
      task: assignment.task,
      assignment: 'minutes',
      artifactKind: 'markdown',
      brief: { title: 'Meet', description: 'About the API.', category: 'api-design' },
      inputs: [],
      refused: [],
      lease: { epoch: 1 },
    });
    expect(Date.parse(work.lease.expiresAt)).toBeGreaterThan(Date.now() + 50_000);
    expect(await current(org, assignment.task)).toMatchObject({
      state: 'running',
      owner: { instance: `agent:${agent.id}` },
    });
    expect((await agent.claim()).status).toBe(204);
    expect((await healthByAgent(org)).get(agent.id)).toMatchObject({ consecutiveFailures: 0 });
  });

  test('by many instances at once hands out each assignment to one of them (C2)', async () => {
    const agent = await newAgent();
    const offered = await Promise.all(Array.from({ length: 4 }, () => workFor(org, agent.id)));
    await Promise.all(offered.map((assignment) => handOut(assignment)));
    const answers = await Promise.all(Array.from({ length: 10 }, () => agent.claim({ waitSeconds: 1 })));
    const claimed = await Promise.all(answers.filter(({ status }) => status === 200).map((answer) => answer.json()));
    const tasks = (claimed as AgentDirective[]).map(({ task }) => task);
    expect(tasks.toSorted()).toEqual(offered.map(({ task }) => task).toSorted());
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(6);
  });

  test('takes the most urgent first, and of these the oldest', async () => {
    const agent = await newAgent();
    const order: string[] = [];
    for (const priority of ['low', 'high', 'critical', 'high'] as const) {
      const assignment = await workFor(org, agent.id, { priority });
      await handOut(assignment);
      order.push(assignment.task);
    }
    const claimed = [await agent.claimed(), await agent.claimed(), await agent.claimed(), await agent.claimed()];
    expect(claimed.map(({ task }) => task)).toEqual([order[2], order[1], order[3], order[0]]);
  });

  test('waits for work that comes', async () => {
    const agent = await newAgent();
    const assignment = await workFor(org, agent.id);
    const waiting = agent.claimed({ waitSeconds: 20 });
    await handOut(assignment);
    expect(await waiting).toMatchObject({ task: assignment.task });
  });

  test('gives no more than the agent may hold at a time', async () => {
    const agent = await newAgent({ maxConcurrent: 1 });
    for (const assignment of [await workFor(org, agent.id), await workFor(org, agent.id)]) await handOut(assignment);
    const first = await agent.claimed();
    expect((await agent.claim()).status).toBe(204);
    const second = agent.claimed({ waitSeconds: 10 });
    await json(agent.complete(first));
    expect((await second).task).not.toBe(first.task);
  });

  test('for another agent is 404, for a disabled one 409, with a wait that is too long 400', async () => {
    const agent = await newAgent();
    const stranger = asAgent(randomOrg(), agent.id);
    expect(await json(stranger.claim(), 404)).toMatchObject({ code: 'agents.agent_not_found' });
    expect(await json(agent.claim({ waitSeconds: 21 }), 400)).toMatchObject({ errors: [{ pointer: '#/waitSeconds' }] });
    await switchAgent(agent.id, false, { org, by: 'operator-1', now: new Date() });
    expect(await json(agent.claim(), 409)).toMatchObject({ code: 'agents.disabled' });
  });
});

describe('delivering', () => {
  test('makes the artifact and the result, and says so again when asked again', async () => {
    const { agent, assignment, work } = await atWork();
    const done = await json(agent.complete(work));
    expect(done).toMatchObject({
      id: 'minutes',
      state: 'succeeded',
      result: { artifact: 'minutes', title: 'Minutes' },
    });
    expect(await findArtifact(org, assignment.task, 'minutes')).toMatchObject({
      content: goodOutput.artifact.content,
      specialist: agent.id,
      epoch: 1,
    });
    expect(await json(agent.complete(work))).toEqual(done);
    await expectLeaseLost(agent.heartbeat(work));
    expect(await eventTypes(assignment)).toEqual(['assignment.created', 'assignment.started', 'assignment.succeeded']);
  });

  test('what cannot be used is refused with the findings, twice; the third time the assignment fails', async () => {
    const { agent, assignment, work } = await atWork();
    for (const _ of [1, 2]) {
      const refused = await json(agent.complete(work, badOutput), 422);
      expect(refused).toMatchObject({ code: 'coordination.output_refused' });
      expect((refused['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(
        expect.arrayContaining(['#/output/artifact/kind']),
      );
      expect(await current(org, assignment.task)).toMatchObject({ state: 'running', epoch: 1 });
    }
    const lastTime = {
      code: 'coordination.output_refused',
      detail: expect.stringContaining('the last time') as unknown,
    };
    expect(await json(agent.complete(work, badOutput), 422)).toMatchObject(lastTime);
    expect(await current(org, assignment.task)).toMatchObject({
      state: 'failed',
      failure: { code: 'coordination.artifact_invalid' },
    });
    // However good it is by now: nothing more is taken, and nothing says that it was.
    for (const output of [badOutput, goodOutput]) {
      expect(await json(agent.complete(work, output), 422)).toMatchObject(lastTime);
    }
  });

  test('is refused once the work has failed for another reason', async () => {
    const { agent, work } = await atWork();
    await json(agent.fail(work, false));
    await expectLeaseLost(agent.complete(work));
  });

  test.each([
    ['of an agent that there is not', () => 'nobody'],
    ['of the asker itself', (asker: string) => asker],
  ])('a need %s breaks a guard-rail: the work is put back, and again when asked again (X4)', async (_, asked) => {
    const { agent, work } = await atWork();
    const specialist = asked((await current(org, work.task)).specialist);
    const part = { specialist, title: 'Do it for me', instructions: '', artifactKind: 'code-review' };
    const needy = { ...goodOutput, needs: { kind: 'assignments', assignments: [part] } };
    const putBack = await json(agent.complete(work, needy));
    expect(putBack).toMatchObject({ state: 'ready', failure: null });
    expect(await json(agent.complete(work, needy))).toEqual(putBack);
    await expectLeaseLost(agent.heartbeat(work));
    await handOut(await current(org, work.task));
    const again = await agent.claimed();
    await expectLeaseLost(agent.complete(work, needy));
    expect(await json(agent.complete(again))).toMatchObject({ state: 'succeeded' });
  });

  test('after a refusal is taken like the first time', async () => {
    const { agent, work } = await atWork();
    await json(agent.complete(work, badOutput), 422);
    expect(await json(agent.complete(work))).toMatchObject({ state: 'succeeded' });
  });

  test('goes through while the lease is being renewed', async () => {
    const { agent, assignment, work } = await atWork();
    const beats = Array.from({ length: 4 }, () => agent.heartbeat(work));
    expect(await json(agent.complete(work))).toMatchObject({ state: 'succeeded' });
    for (const { status } of await Promise.all(beats)) expect([200, 409]).toContain(status);
    const types = await eventTypes(assignment);
    expect(types.filter((type) => type === 'assignment.succeeded')).toHaveLength(1);
  });
});

describe('a lease', () => {
  test('runs anew with each heartbeat', async () => {
    const { agent, assignment, work } = await atWork();
    await expireLease(assignment);
    const { lease } = (await json(agent.heartbeat(work))) as { lease: AgentDirective['lease'] };
    expect(lease).toMatchObject({ token: work.lease.token, epoch: 1 });
    expect((await current(org, assignment.task)).leaseUntil?.toISOString()).toBe(lease.expiresAt);
    expect(Date.parse(lease.expiresAt)).toBeGreaterThan(Date.now() + 50_000);
  });

  test('is recognised by what the records keep of its token, which nobody who reads them can present', async () => {
    const { agent, assignment, work } = await atWork();
    const { owner } = await current(org, assignment.task);
    await json(agent.complete(work, badOutput), 422);
    await json(agent.heartbeat(work));
    await expectLeaseLost(agent.heartbeat({ ...work, lease: { ...work.lease, token: owner?.run ?? '' } }));
    await json(agent.complete(work));
    const records = await recordsUnder(firestore().doc(`orgs/${org}/tasks/${assignment.task}`));
    expect(records.length).toBeGreaterThan(5);
    expect(records.filter((record) => record.includes(work.lease.token))).toEqual([]);
  });

  test('that was claimed before tokens were hashed goes on', async () => {
    const { agent, assignment, work } = await atWork();
    const record = firestore().doc(`orgs/${org}/tasks/${assignment.task}/assignments/${assignment.id}`);
    await record.update({ 'owner.run': work.lease.token });
    expect(await json(agent.complete(work))).toMatchObject({ state: 'succeeded' });
  });

  test('of another token, epoch, agent or org is good for nothing', async () => {
    const { agent, work } = await atWork();
    const { lease } = work;
    await expectLeaseLost(agent.heartbeat({ ...work, lease: { ...lease, token: 'guessed' } }));
    await expectLeaseLost(agent.complete({ ...work, lease: { ...lease, epoch: 2 } }));
    for (const other of [asAgent(org, 'api-designer'), asAgent(randomOrg(), agent.id)]) {
      for (const answer of [other.heartbeat(work), other.complete(work), other.fail(work, true)]) {
        expect(await json(answer, 404)).toMatchObject({ code: 'coordination.assignment_not_found' });
      }
    }
    expect(await json(agent.complete(work))).toMatchObject({ state: 'succeeded' });
  });

  test('that ran out is lost once somebody else has claimed the assignment, and only their result counts (C2)', async () => {
    const { agent, assignment, work } = await atWork();
    await expireLease(assignment);
    await handOut(assignment, 'again');
    const second = await agent.claimed();
    expect(second).toMatchObject({ task: work.task, idempotencyKey: work.idempotencyKey, lease: { epoch: 2 } });
    const zombie = { ...goodOutput, summary: 'Too late.' };
    await expectLeaseLost(agent.complete(work, zombie));
    await expectLeaseLost(agent.fail(work, true));
    expect(await json(agent.complete(second))).toMatchObject({ result: { summary: goodOutput.summary } });
    expect((await healthByAgent(org)).get(agent.id)?.lastSeenAt).not.toBeNull();
  });

  test('that ran out is no hand full: the agent that asks again gets the work at once, without a sweep', async () => {
    const agent = await newAgent({ maxConcurrent: 1 });
    const assignment = await workFor(org, agent.id);
    await handOut(assignment);
    const lost = await agent.claimed();
    expect((await agent.claim()).status).toBe(204);
    await expireLease(assignment);
    const again = await agent.claimed();
    expect(again).toMatchObject({ task: lost.task, idempotencyKey: lost.idempotencyKey, lease: { epoch: 2 } });
    expect(await json(agent.complete(again))).toMatchObject({ state: 'succeeded' });
  });

  test('that ran out still counts while nobody else has claimed the assignment', async () => {
    const { agent, assignment, work } = await atWork();
    await expireLease(assignment);
    expect(await json(agent.complete(work))).toMatchObject({ state: 'succeeded' });
  });

  test('is not renewed beyond the time that the agent may take', async () => {
    const agent = await newAgent({ leaseSeconds: 3_600, timeoutSeconds: 10 });
    await handOut(await workFor(org, agent.id));
    const work = await agent.claimed();
    const { lease } = (await json(agent.heartbeat(work))) as { lease: AgentDirective['lease'] };
    expect(Date.parse(lease.expiresAt)).toBeLessThan(Date.now() + 11_000);
  });

  test('ends with the task that is cancelled, and whatever its holder says it is told so (C6)', async () => {
    const { agent, assignment, work } = await atWork();
    await cancelTask(org, assignment.task, { by: 'operator-1' });
    for (const told of [agent.heartbeat(work), agent.complete(work), agent.fail(work, true)]) {
      expect(await json(told, 409)).toMatchObject({ code: 'coordination.assignment_canceled' });
    }
    expect(await current(org, assignment.task)).toMatchObject({ state: 'canceled', result: null });
  });
});

describe('the health of an agent', () => {
  const healthOf = async (id: string) =>
    (await json(call(`GET /v1/agents/${id}`, { org })))['health'] as { state: string; consecutiveFailures: number };

  /** Has claimed so many assignments, and let every lease run out. */
  const gone = async (count: number) => {
    const agent = await newAgent();
    const held: AgentDirective[] = [];
    for (let nth = 0; nth < count; nth++) {
      await handOut(await workFor(org, agent.id));
      held.push(await agent.claimed());
    }
    const lapsed = await Promise.all(held.map(({ task }) => current(org, task)));
    await Promise.all(lapsed.map(expireLease));
    return { agent, held, lapsed };
  };

  test('is failing when it never asks again: each lease that ran out counts once, however often it is swept', async () => {
    const { agent, lapsed } = await gone(3);
    for (const message of ['sweep-1', 'sweep-2']) await Promise.all(lapsed.map((each) => handOut(each, message)));
    expect(await healthOf(agent.id)).toMatchObject({ state: 'failing', consecutiveFailures: 3 });
    await agent.claimed();
    expect(await healthOf(agent.id)).toMatchObject({ state: 'failing', consecutiveFailures: 3 });
  });

  test('is failing when it asks and asks and lets every lease run out, until it looks after what it holds', async () => {
    const { agent, lapsed } = await gone(1);
    for (const _ of [1, 2]) {
      await agent.claimed();
      await Promise.all(lapsed.map(expireLease));
    }
    const work = await agent.claimed();
    expect(await healthOf(agent.id)).toMatchObject({ state: 'failing', consecutiveFailures: 3 });
    await json(agent.heartbeat(work));
    expect(await healthOf(agent.id)).toMatchObject({ state: 'healthy', consecutiveFailures: 0 });
  });

  test('does not count a lease twice that ran out before the work was given back', async () => {
    const { agent, lapsed } = await gone(1);
    const again = await agent.claimed();
    expect(await healthOf(agent.id)).toMatchObject({ consecutiveFailures: 1 });
    await json(agent.fail(again, true));
    expect(await healthOf(agent.id)).toMatchObject({ consecutiveFailures: 0 });
    for (const each of lapsed) await makeDue(each);
    await Promise.all(lapsed.map((each) => handOut(each, 'again')));
    await agent.claimed();
    expect(await healthOf(agent.id)).toMatchObject({ consecutiveFailures: 0 });
  });
});

describe('giving up', () => {
  test('for now puts the work back with a time for the next try', async () => {
    const { agent, assignment, work } = await atWork();
    const released = await json(agent.fail(work, true));
    expect(released).toMatchObject({
      state: 'ready',
      failure: { code: 'coordination.agent_gave_back', detail: 'No ink.' },
    });
    expect((await current(org, assignment.task)).retryAt).not.toBeNull();
    expect(await json(agent.fail(work, true))).toEqual(released);
    await expectLeaseLost(agent.complete(work));
  });

  test('for good fails the assignment and the task', async () => {
    const { agent, work } = await atWork();
    expect(await json(agent.fail(work, false))).toMatchObject({
      state: 'failed',
      failure: { code: 'coordination.agent_failed', detail: 'No ink.' },
    });
  });
});
