import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cancelTask, forkTask, listTasks } from '../../../src/coordination/index.ts';
import { admitByPolicy } from '../../../src/coordination/functions.ts';
import { finishTask } from '../../../src/coordination/finish-task.ts';
import { submission as taskSubmission, type Task, type TaskId } from '../../../src/coordination/schemas.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { isTaskOver } from '../../../src/coordination/task-state.ts';
import { attest, readPolicy, replacePolicy } from '../../../src/governance/index.ts';
import * as deployed from '../../../src/index.ts';
import { writePolicy } from '../../../src/governance/policy/policy-store.firestore.ts';
import { orgPolicy } from '../../../src/governance/schemas.ts';
import { commit } from '../../../src/platform/firestore.ts';
import { tasksInQueue } from '../../../src/coordination/task-store.firestore.ts';
import { beforeDatabaseCloses, observe, randomOrg, refuse, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
const limit = 2;
const by = 'ann';
let team: Team;
const setLimit = async (concurrentAssignments: number, rest: object = {}) => {
  const { revision } = await readPolicy(org);
  const policy = orgPolicy.parse({ limits: { concurrentAssignments }, ...rest });
  const boss = { uid: 'boss', role: 'main-coordinator' as const };
  await replacePolicy(org, { policy, by: boss, seen: revision, now: new Date() });
};
beforeAll(async () => {
  team = await startTeam(org);
  await setLimit(limit);
});
afterEach(async () => {
  team.deliveries = () => 1;
  team.providers.setFaults([]);
  // Each end lets the next one in, so look until nobody is left.
  await until(async () => {
    const unfinished = (await listTasks(org, { pageSize: 100 })).tasks.filter((task) => !isTaskOver(task));
    await Promise.all(unfinished.map(({ id }) => cancelTask(org, id, { by }).catch(() => undefined)));
    return unfinished.length === 0 ? true : undefined;
  });
});
beforeDatabaseCloses(() => team.stop());

const plan = (width: number) =>
  Array.from({ length: width }, (_, index) => ({
    id: `part-${index}`,
    specialist: 'nodejs-expert',
    title: `Part ${index}`,
    artifactKind: 'markdown',
  }));
/** A task that is as wide as that and never gets on: nothing of it is delivered. */
const idle = (width: number, priority: Task['submission']['priority'] = 'medium', rest: object = {}) => {
  team.deliveries = () => 0;
  return team.submit({ title: 'Idle', category: 'performance', priority, plan: plan(width), ...rest });
};
const stateOf = async ({ id }: { id: TaskId }) => (await team.stored(id)).value.state;
const started = (task: { id: TaskId }) => until(async () => ((await stateOf(task)) === 'submitted' ? undefined : true));

describe('an org', () => {
  test('has those who may start now found behind however many that are for later', async () => {
    const wide = await idle(limit);
    const startAt = new Date(Date.now() + 5 * 60_000).toISOString();
    for (let index = 0; index < 6; index++) await idle(1, 'critical', { startAt });
    const waiting = await idle(1, 'low');
    expect((await tasksInQueue(org, new Date(), 1)).map(({ value }) => value.id)).toEqual([waiting.id]);
    await cancelTask(org, wide.id, { by });
    await started(waiting);
  });

  test('hears again that there is room when the first word did not get out', async () => {
    const wide = await idle(limit);
    const waiting = await idle(1);
    refuse('pubsub.publish');
    await cancelTask(org, wide.id, { by });
    observe(undefined);
    expect(await stateOf(waiting)).toBe('submitted');
    expect((await team.stored(wide.id)).value.wakeAt).not.toBeNull();
    await team.advance(wide.id);
    await started(waiting);
    expect((await team.stored(wide.id)).value.wakeAt).toBeNull();
  });

  test.each([
    ['the sweeper', (id: TaskId) => team.advance(id)],
    ['the event that completed it and comes again', (id: TaskId) => finishTask(org, id, new Date())],
  ])('hears from %s of the room that a completed task left when the first word did not get out', async (_, again) => {
    team.providers.setFaults([{ contains: 'nearly done', fault: { kind: 'hold' } }]);
    const done = await team.submit({ title: 'nearly done', category: 'performance', plan: plan(limit) });
    await Promise.all(plan(limit).map(({ id }) => team.reached(done.id, id, 'running')));
    const waiting = await idle(1);
    refuse('pubsub.publish');
    team.providers.setFaults([]);
    await until(async () => {
      const { state, wakeAt } = (await team.stored(done.id)).value;
      return state === 'completed' && wakeAt !== null ? true : undefined;
    });
    observe(undefined);
    expect(await stateOf(waiting)).toBe('submitted');
    await again(done.id);
    await started(waiting);
    expect((await team.stored(done.id)).value.wakeAt).toBeNull();
  });

  test('has no more at work than its limit; the others wait and say so (F3)', async () => {
    const wide = await idle(limit);
    const next = await idle(1);
    expect([await stateOf(wide), await stateOf(next)]).toEqual(['working', 'submitted']);
    await team.advance(next.id);
    expect(await stateOf(next)).toBe('submitted');
  });

  test('with nothing at work may start a task that is wider than the limit (F3)', async () => {
    const wider = await idle(limit + 3);
    const next = await idle(1);
    expect([await stateOf(wider), await stateOf(next)]).toEqual(['working', 'submitted']);
  });

  test('may exceed it by half for what is critical, and by no more (F3)', async () => {
    await idle(limit);
    const critical = await idle(1, 'critical');
    const another = await idle(1, 'critical');
    expect([await stateOf(critical), await stateOf(another)]).toEqual(['working', 'submitted']);
  });

  test('has no more at work than its limit when tasks come all at once, and no less (F3)', async () => {
    const many = await Promise.all(Array.from({ length: 8 }, () => idle(1)));
    expect((await Promise.all(many.map(stateOf))).filter((state) => state === 'working')).toHaveLength(limit);
  });

  test('has those started, too, whose events come before those of the many who came before them', async () => {
    await setLimit(30);
    try {
      await idle(1);
      const submission = taskSubmission.parse({ title: 'Idle', category: 'performance', plan: plan(1) });
      const submittedBy = { channel: 'pubsub' as const, messageId: 'any' };
      const many: Task[] = [];
      for (let index = 0; index < 22; index++) {
        many.push((await submitTask({ org, submission, submittedBy, now: new Date() })).task);
      }
      const [last] = many.slice(-1) as [Task];
      await team.created(last.id);
      await Promise.all(many.map(started));
    } finally {
      await setLimit(limit);
    }
  });

  test('has its forks wait for their turn, too (F3)', async () => {
    const wide = await idle(limit);
    const submittedBy = { channel: 'http' as const, uid: by, role: 'operator' as const };
    const { task } = await forkTask({ org, source: wide.id, submittedBy, now: new Date() });
    await team.created(task.id);
    expect(await stateOf(task)).toBe('submitted');
    await cancelTask(org, wide.id, { by });
    await started(task);
  });

  test('is not in the way of another one (C8)', async () => {
    await idle(limit);
    const other = randomOrg();
    team.deliveries = () => 0;
    await team.submit({ title: 'Elsewhere', category: 'performance', plan: plan(limit) }, other);
    const [elsewhere] = (await listTasks(other, { pageSize: 1 })).tasks;
    expect(elsewhere?.state).toBe('working');
  });

  test('has those counted, too, that a model still classifies', async () => {
    team.providers.setFaults([{ contains: 'unclassified', fault: { kind: 'hold' } }]);
    const first = team.submit({ title: 'unclassified', plan: plan(limit) });
    await until(async () =>
      (await listTasks(org, { pageSize: 1, state: 'analyzing' })).tasks.length > 0 ? true : undefined,
    );
    const next = await idle(1);
    expect(await stateOf(next)).toBe('submitted');
    team.providers.setFaults([]);
    await first;
  });
});

describe('when there is room again', () => {
  test('the end of one task starts the next, without a sweep', async () => {
    const wide = await idle(limit);
    const next = await idle(1);
    team.deliveries = () => 1;
    await cancelTask(org, wide.id, { by });
    expect((await team.over(next.id)).state).toBe('completed');
  });

  test('the end of a wide task starts all that there is room for, in as many turns as it takes', async () => {
    const many = 25;
    await setLimit(many);
    try {
      const wide = await idle(many);
      const narrow: Task[] = [];
      for (let index = 0; index < many; index++) narrow.push(await idle(1));
      expect(new Set(await Promise.all(narrow.map(stateOf)))).toEqual(new Set(['submitted']));
      await cancelTask(org, wide.id, { by });
      await Promise.all(narrow.map(started));
    } finally {
      await setLimit(limit);
    }
  });

  test('as a policy allows more, those who wait start by it, whatever policy the instance still knows', async () => {
    await idle(limit);
    const next = await idle(1);
    expect(await stateOf(next)).toBe('submitted');
    const { revision, version } = await readPolicy(org);
    const policy = orgPolicy.parse({ limits: { concurrentAssignments: limit + 1 } });
    const changedBy = { uid: by, role: 'operator' as const };
    const record = { org, policy, version: version + 1, changedBy, changedAt: new Date() };
    await commit((batch) => writePolicy(batch, record, revision));
    try {
      await admitByPolicy.run({ params: { org } } as unknown as Parameters<typeof admitByPolicy.run>[0]);
      expect(await stateOf(next)).toBe('working');
    } finally {
      await setLimit(limit);
    }
  });

  test('a change of a policy is heard of until it was followed', () => {
    expect(deployed.admitByPolicy).toBe(admitByPolicy);
    expect(admitByPolicy.__endpoint.eventTrigger).toMatchObject({
      eventType: 'google.cloud.firestore.document.v1.written',
      eventFilterPathPatterns: { document: 'orgs/{org}/policy/current' },
      retry: true,
    });
  });

  test('the urgent come before the less urgent, and equals in the order in which they came (F1, F2)', async () => {
    const wide = await idle(limit);
    const waiting = [
      await idle(limit, 'low'),
      await idle(limit, 'high'),
      await idle(limit, 'medium'),
      await idle(limit, 'high'),
    ];
    const [low, high, medium, later] = waiting as [Task, Task, Task, Task];
    const order = [wide, high, later, medium, low];
    for (const [index, task] of order.entries()) {
      await started(task);
      const rest = order.slice(index + 1);
      expect(await Promise.all(rest.map(stateOf))).toEqual(rest.map(() => 'submitted'));
      await cancelTask(org, task.id, { by });
    }
  });

  test('a less urgent task that is looked at first does not overtake', async () => {
    const wide = await idle(limit);
    const low = await idle(limit, 'low');
    const high = await idle(limit, 'high');
    await team.dieCancelling(wide.id);
    await team.advance(low.id);
    expect([await stateOf(high), await stateOf(low)]).toEqual(['working', 'submitted']);
  });
});

describe('a task whose work is done and that waits for evidence', () => {
  beforeAll(() => setLimit(limit, { requiredGates: ['tests'] }));
  afterAll(() => setLimit(limit));

  /** A task of that width whose work is under way; `done` ends the work. */
  const underWay = async (width: number) => {
    team.providers.setFaults([{ contains: 'nearly done', fault: { kind: 'hold' } }]);
    const { id } = await team.submit({ title: 'nearly done', category: 'performance', plan: plan(width) });
    await Promise.all(plan(width).map((each) => team.reached(id, each.id, 'running')));
    const done = () => {
      team.providers.setFaults([]);
      return team.waiting(id, 'evidence');
    };
    return { id, done };
  };

  test('takes no room: the next one starts without a sweep, and its own end is as ever', async () => {
    const first = await underWay(limit);
    const next = await idle(limit);
    expect(await stateOf(next)).toBe('submitted');
    await first.done();
    await started(next);
    expect((await team.stored(first.id)).value).toMatchObject({ state: 'validating', active: false });
    const request = { gate: 'tests' as const, status: 'passed' as const, summary: 'All green.', check: 'default' };
    const caller = { org, uid: by, role: 'main-coordinator' as const };
    await attest({ task: first.id, request, caller, now: new Date() });
    await finishTask(org, first.id, new Date());
    expect((await team.over(first.id)).state).toBe('completed');
    expect(await stateOf(next)).toBe('working');
  });

  test('tells of its room again when the first word did not get out', async () => {
    const first = await underWay(limit);
    const next = await idle(1);
    let refused = 0;
    observe({
      before: (effect) => {
        if (effect !== 'pubsub.publish') return;
        refused += 1;
        throw new Error('refused by the test');
      },
      after: () => undefined,
    });
    await first.done();
    await until(() => Promise.resolve(refused > 0 ? true : undefined));
    observe(undefined);
    expect(await stateOf(next)).toBe('submitted');
    await team.advance(first.id);
    await started(next);
  });
});

describe('a task for later', () => {
  test('waits for its start, is looked at then, and lets others pass', async () => {
    const startAt = new Date(Date.now() + 3_600_000);
    const later = await idle(1, 'critical', { startAt: startAt.toISOString() });
    expect(await stateOf(later)).toBe('submitted');
    expect((await team.stored(later.id)).value.wakeAt).toEqual(startAt);
    const next = await idle(limit);
    expect(await stateOf(next)).toBe('working');
    await team.advance(later.id);
    expect(await stateOf(later)).toBe('submitted');
    await team.advance(later.id, 3_600_000);
    expect(await stateOf(later)).toBe('working');
  });
});
