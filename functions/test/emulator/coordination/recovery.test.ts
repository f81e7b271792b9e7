import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { assignmentChange, taskChange } from '../../../src/coordination/changes.ts';
import { listArtifacts, listAssignments, readEvents } from '../../../src/coordination/index.ts';
import { submission, type TaskId } from '../../../src/coordination/schemas.ts';
import {
  forgetInstance,
  isAlive,
  silentInstances,
  takeUpInstance,
} from '../../../src/coordination/instance.firestore.ts';
import { recoverSilent } from '../../../src/coordination/recover.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { sweep } from '../../../src/coordination/sweep.ts';
import { findAssignment, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { someResult } from '../../../src/coordination/test-records.ts';
import type { CrossingKind, CrossingObserver } from '../../../src/platform/crossings.ts';
import {
  beforeDatabaseCloses,
  failNext,
  observe,
  putUnreadable,
  randomOrg,
  refuse,
  serviceDatabase,
} from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

const database = serviceDatabase();
const org = randomOrg();
const minuteMs = 60_000;
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => {
  team.deliveries = () => 1;
  team.providers.setFaults([]);
  observe(undefined);
});
beforeDatabaseCloses(() => team.stop());

const request = {
  title: 'Two in a row',
  category: 'performance',
  plan: [
    { id: 'first', specialist: 'nodejs-expert', title: 'First', artifactKind: 'markdown' },
    { id: 'second', specialist: 'nodejs-expert', title: 'Second', artifactKind: 'markdown', dependsOn: ['first'] },
  ],
};

/** Has the first effect of that kind fail once the record of a silent instance is taken up; says whether it has. */
const failOnceTakenUp = (kind: CrossingKind, when: 'before' | 'after'): (() => boolean) => {
  let isTakenUp = false;
  let hasFailed = false;
  const failIf = (isDue: boolean) => {
    if (!isDue) return;
    observe(undefined);
    hasFailed = true;
    throw Object.assign(new Error('busy'), { code: 14 });
  };
  observe({
    before: (next) => failIf(isTakenUp && when === 'before' && next === kind),
    after: (next) => {
      isTakenUp ||= next === 'firestore.commit';
      failIf(isTakenUp && when === 'after' && next === kind);
    },
  });
  return () => hasFailed;
};

/** Handed in without a category or a plan, and not looked at yet. */
const submittedOnly = async (): Promise<TaskId> => {
  const { task } = await submitTask({
    org,
    submission: submission.parse({ title: 'Unclassified' }),
    submittedBy: { channel: 'pubsub', messageId: randomUUID() },
    now: new Date(),
  });
  return task.id;
};

const analysedByDead = async (instance: string, agoMs: number, epoch = 1): Promise<TaskId> => {
  const id = await submittedOnly();
  const owner = { instance, run: 'its-run', message: id };
  const change = taskChange(
    await team.stored(id),
    [{ type: 'task.analyzing', data: { epoch, owner, lostCall: false } }],
    new Date(Date.now() - agoMs),
  );
  await saveTask({ org, id, task: change });
  return id;
};

const stateOf = async (id: TaskId, assignment: string) => (await findAssignment(org, id, assignment))?.value.state;

describe('what a crash left undone', () => {
  test('a task that was recorded and never planned is planned', async () => {
    const { task } = await submitTask({
      org,
      submission: submission.parse(request),
      submittedBy: { channel: 'pubsub', messageId: '1' },
      now: new Date(),
    });
    await team.advance(task.id);
    expect((await team.over(task.id)).state).toBe('completed');
  });

  test('an assignment whose directive was lost is sent again', async () => {
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    expect(await stateOf(id, 'first')).toBe('ready');
    team.deliveries = () => 1;
    await team.advance(id);
    expect((await team.over(id)).state).toBe('completed');
  });

  test('a successor that was never sent though its predecessor succeeded is sent', async () => {
    team.deliveries = (assignment) => (assignment === 'first' ? 1 : 0);
    const { id } = await team.submit(request);
    await team.reached(id, 'first', 'succeeded');
    expect(await stateOf(id, 'second')).toBe('blocked');
    team.deliveries = () => 1;
    await team.advance(id);
    expect((await team.over(id)).state).toBe('completed');
  });

  test('an assignment that a dead instance holds is taken over, and the lost call is on record', async () => {
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    await team.dieWith(id, 'first');
    team.deliveries = () => 1;
    await until(async () => {
      await team.advance(id);
      return (await stateOf(id, 'first')) === 'succeeded' ? true : undefined;
    });
    await team.over(id);
    const started = (await readEvents(org, id, { pageSize: 500 })).events
      .map(({ event }) => event)
      .filter(({ stream, type }) => stream === 'first' && type === 'assignment.started');
    expect(started.map(({ data }) => [data['epoch'], data['lostCall']])).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  test('a task past its deadline fails with that reason and closes its assignments (C1)', async () => {
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    await team.advance(id, (24 * 60 + 1) * minuteMs);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.deadline_exceeded' } });
    expect((await listAssignments(org, id)).map(({ state }) => state)).toEqual(['canceled', 'canceled']);
  });

  describe('of an analysis', () => {
    test('is done again by the sweeper, whose own looks are no sign of life', async () => {
      const id = await analysedByDead('an-instance-that-died', minuteMs);
      await sweep(team.gateway, new Date(Date.now() + 2 * minuteMs));
      expect(await team.over(id)).toMatchObject({ state: 'completed', epoch: 2, lostCalls: 1 });
    });

    test('is done without a model when too many have died (C1)', async () => {
      const id = await analysedByDead('an-instance-that-died', minuteMs, 10);
      await team.advance(id);
      expect(await team.over(id)).toMatchObject({ analysis: { decidedBy: 'keywords' }, calls: [], lostCalls: 1 });
    });

    test('says what it spent when its plan cannot be written (C3)', async () => {
      observe({
        before: (kind) => {
          if (kind === 'firestore.commit' && / savePlan \(/.test(new Error().stack ?? '')) throw new Error('too large');
        },
        after: () => undefined,
      });
      const id = await submittedOnly();
      // Or somebody else plans it, who heard that there is room.
      await team.created(id).catch(() => undefined);
      const said = await until(async () => {
        const { value } = await team.stored(id);
        return value.calls.length > 0 ? value : undefined;
      });
      expect(said).toMatchObject({ state: 'analyzing', owner: null, calls: [{ outcome: 'ok' }] });
    });

    test('that planned what could not be sent is not done again, and said what it spent once (C3)', async () => {
      refuse('pubsub.publish');
      const id = await submittedOnly();
      // Or somebody else plans it, who heard that there is room.
      await team.created(id).catch(() => undefined);
      observe(undefined);
      await until(async () => ((await team.stored(id)).value.state === 'working' ? true : undefined));
      await team.advance(id);
      expect(await team.over(id)).toMatchObject({ state: 'completed', epoch: 1, calls: [{ outcome: 'ok' }] });
    });
  });

  test('is found by the sweeper, which does not look again at once', async () => {
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    team.deliveries = () => 1;
    const now = new Date(Date.now() + 2 * minuteMs);
    await sweep(team.gateway, now);
    expect((await team.stored(id)).value.wakeAt?.getTime() ?? Infinity).toBeGreaterThan(now.getTime());
    await team.over(id);
  });

  test('is found by the sweeper behind more tasks than a batch takes that cannot be read', async () => {
    const takeAway = await putUnreadable('tasks', 101, { wakeAt: new Date(0) });
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    team.deliveries = () => 1;
    await sweep(team.gateway, new Date(Date.now() + 2 * minuteMs));
    await takeAway();
    expect((await team.over(id)).state).toBe('completed');
  });

  test('is found by the sweeper also when silent instances cannot be looked for', async () => {
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    team.deliveries = () => 1;
    failNext('firestore.read');
    await sweep(team.gateway, new Date(Date.now() + 2 * minuteMs));
    expect((await team.over(id)).state).toBe('completed');
  });
});

describe('an instance that fell silent', () => {
  const recordOf = (instance: string) => database.collection('instances').doc(instance);
  const beaten = (instance: string, agoMs: number, runs: readonly string[] = []) =>
    recordOf(instance).set({
      beatAt: new Date(Date.now() - agoMs),
      runs,
      expiresAt: new Date(Date.now() + minuteMs),
    });
  const lookUntil = (check: () => Promise<boolean>) =>
    until(async () => {
      await recoverSilent(team.gateway);
      return (await check()) ? true : undefined;
    });

  test('has its work taken over by whoever looks, without the sweeper, and its record removed', async () => {
    const instance = `silent-${org}`;
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    await beaten(instance, minuteMs);
    await team.dieWith(id, 'first', instance);
    team.deliveries = () => 1;
    await lookUntil(async () => (await stateOf(id, 'first')) === 'succeeded');
    expect((await team.over(id)).state).toBe('completed');
    await lookUntil(async () => !(await recordOf(instance).get()).exists);
  });

  test('is not forgotten while one of its tasks fails, which holds up none of the others', async () => {
    const instance = `failing-${org}`;
    const owner = { instance, run: 'a-run', message: 'a-message' };
    const broken = database.doc(`orgs/${org}/tasks/tsk_unreadable0000000000`);
    await broken.create({ org, id: broken.id, owner });
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    await beaten(instance, minuteMs);
    await team.dieWith(id, 'first', instance);
    team.deliveries = () => 1;
    await lookUntil(async () => (await stateOf(id, 'first')) === 'succeeded');
    expect((await recordOf(instance).get()).exists).toBe(true);
    await broken.delete();
    await lookUntil(async () => !(await recordOf(instance).get()).exists);
  });

  test('and cannot be looked after is taken up again, and holds up no other that did', async () => {
    const [first, second] = [`first-${org}`, `second-${org}`];
    await beaten(first, 10 * minuteMs);
    await beaten(second, minuteMs);
    const seen = async () => (await silentInstances()).map(({ id }) => id);
    await until(async () => ((await seen()).includes(second) ? true : undefined));
    failNext('firestore.commit');
    await recoverSilent(team.gateway);
    expect((await recordOf(second).get()).exists).toBe(false);
    expect(await seen()).toContain(first);
    await lookUntil(async () => !(await recordOf(first).get()).exists);
  });

  test('is looked after by one of those who see it, and by another when that one dies at it', async () => {
    const instance = `seen-${org}`;
    await beaten(instance, minuteMs);
    const seen = () => until(async () => (await silentInstances()).find(({ id }) => id === instance));
    const silent = await seen();
    const takers = await Promise.all([takeUpInstance(silent), takeUpInstance(silent)]);
    expect(takers.filter((taken) => taken !== undefined)).toHaveLength(1);
    expect(await silentInstances()).not.toContainEqual(expect.objectContaining({ id: instance }));
    const again = await seen();
    expect(again.lastBeatAt).toEqual(silent.lastBeatAt);
    await forgetInstance(again);
  });

  test('after its result was committed and before what follows was sent: it is sent', async () => {
    const instance = `unsent-${org}`;
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    await team.dieWith(id, 'first', instance);
    await finishUnsent(id, 'first');
    await beaten(instance, 0);
    expect(await stateOf(id, 'second')).toBe('blocked');
    team.deliveries = () => 1;
    await lookUntil(async () => (await stateOf(id, 'second')) === 'succeeded');
    expect((await team.over(id)).state).toBe('completed');
  });

  test('is looked after until what it had claimed counts as held no more, as it was younger than its last beat', async () => {
    const instance = `claimed-${org}`;
    await beaten(instance, minuteMs);
    await until(async () => (await silentInstances()).find((each) => each.id === instance));
    const id = await analysedByDead(instance, 0);
    await recoverSilent(team.gateway);
    expect((await recordOf(instance).get()).exists).toBe(false);
    expect(await team.over(id)).toMatchObject({ state: 'completed', epoch: 2 });
  });

  test.each([
    ['the reply to its being taken up gets lost', 'firestore.commit', 'after'],
    ['what it held cannot be read', 'firestore.read', 'before'],
    ['its work cannot be sent', 'pubsub.publish', 'before'],
  ] as const)('is looked after without another lease in between when %s', async (_, kind, when) => {
    const instance = `unlucky-${org}-${kind}`;
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    await team.dieWith(id, 'first', instance);
    await beaten(instance, minuteMs);
    await until(async () => (await silentInstances()).find((each) => each.id === instance));
    team.deliveries = () => 1;
    const hasFailed = failOnceTakenUp(kind, when);
    await recoverSilent(team.gateway);
    expect(hasFailed()).toBe(true);
    expect((await recordOf(instance).get()).exists).toBe(false);
    expect((await team.over(id)).state).toBe('completed');
  });

  test.each([
    ['a run that a fresh heartbeat names', 'alive', minuteMs, 0, ['run']],
    ['a run that a fresh heartbeat does not name', 'dead', minuteMs, 0, ['another']],
    ['a run that an old heartbeat names', 'dead', minuteMs, minuteMs, ['run']],
    ['a claim too young for a heartbeat to name it', 'alive', 0, 0, []],
    ['a claim younger than an old heartbeat', 'alive', 0, minuteMs, []],
  ] as const)('%s counts as %s', async (_name, verdict, claimedAgoMs, beatAgoMs, runs) => {
    const instance = `judged-${randomUUID()}`;
    await beaten(instance, beatAgoMs, runs);
    const owner = { instance, run: 'run', message: 'its-message' };
    expect(await isAlive({ owner }, new Date(Date.now() - claimedAgoMs))).toBe(verdict === 'alive');
    await recordOf(instance).delete();
  });

  test('too short a time for a lease keeps its record and its work', async () => {
    const instance = `alive-${org}`;
    team.deliveries = () => 0;
    const { id } = await team.submit(request);
    await beaten(instance, 0);
    await team.dieWith(id, 'first', instance);
    team.deliveries = () => 1;
    await recoverSilent(team.gateway);
    expect((await recordOf(instance).get()).exists).toBe(true);
    expect((await findAssignment(org, id, 'first'))?.value).toMatchObject({ state: 'running', epoch: 1 });
  });
});

const finishUnsent = async (id: TaskId, assignment: string): Promise<void> => {
  const held = await findAssignment(org, id, assignment);
  if (!held) throw new Error('The assignment is gone.');
  const { successors, specialist, artifactKind } = held.value;
  const data = { result: someResult({ artifact: assignment }), successors, notes: {}, calls: [] };
  const now = new Date();
  await saveTask({
    org,
    id,
    assignments: [assignmentChange(held, [{ type: 'assignment.succeeded', data }], now)],
    artifact: {
      ...{ id: assignment, org, task: id, kind: artifactKind, title: 'T', content: '# T', sha256: '0', specialist },
      ...{ epoch: 1, createdAt: now },
    },
  });
};

describe('a run that lost its claim', () => {
  test('cannot commit its result, and what it spent is recorded all the same (C2)', async () => {
    team.providers.setFaults([{ contains: 'fenced-case', fault: { kind: 'hold' } }]);
    const { id } = await team.submit({ ...request, title: 'fenced-case' });
    await team.reached(id, 'first', 'running');
    await team.dieWith(id, 'first');
    team.providers.setFaults([]);
    const late = await until(async () => {
      const { events } = await readEvents(org, id, { pageSize: 500 });
      return events.find(({ event }) => event.type === 'assignment.spend_recorded')?.event;
    });
    expect(late.data).toMatchObject({ epoch: 1, calls: [{ outcome: 'ok' }] });
    expect(await listArtifacts(org, id)).toEqual([]);
    expect((await findAssignment(org, id, 'first'))?.value).toMatchObject({ state: 'running', epoch: 2, result: null });
  });
});

describe('providers that are all down', () => {
  test('make an assignment wait and try again, with every failed call on record', async () => {
    team.providers.setFaults([{ contains: 'down-case', fault: { kind: '529' }, times: 3 }]);
    const { id } = await team.submit({ ...request, title: 'down-case' });
    expect((await team.over(id)).state).toBe('completed');
    const [first] = await listAssignments(org, id);
    expect(first?.epoch).toBe(2);
    expect(first?.calls.map(({ outcome }) => outcome)).toEqual(['error', 'error', 'error', 'ok']);
  });
});

describe('a commit whose reply is lost', () => {
  const submitted = (id: TaskId) =>
    taskChange(
      undefined,
      [
        {
          type: 'task.submitted',
          data: {
            id,
            org,
            submission: submission.parse(request),
            requestHash: 'h',
            submittedBy: { channel: 'pubsub', messageId: '1' },
            deadlineAt: new Date(Date.now() + minuteMs),
            forkedFrom: null,
            queue: { rank: 2, tag: new Date() },
            width: 1,
          },
        },
      ],
      new Date(),
    );
  const failing = (when: 'before' | 'after', times: number): CrossingObserver => {
    const fail = (at: 'before' | 'after') => (kind: string) => {
      if (at === when && kind === 'firestore.commit' && times-- > 0)
        throw Object.assign(new Error('no reply'), { code: 4 });
    };
    return { before: fail('before'), after: fail('after') };
  };

  test('counts as made when it was made, and is not made twice', async () => {
    const id = 'tsk_lostreply0000000aftr' as TaskId;
    observe(failing('after', 1));
    const revision = await saveTask({ org, id, task: submitted(id) });
    observe(undefined);
    expect((await team.stored(id)).revision).toBe(revision);
  });

  test('counts as made also when it was made by the last try', async () => {
    const id = 'tsk_lostreply0000000last' as TaskId;
    const [lost, last] = [failing('before', 2), failing('after', 1)];
    observe({ before: (kind) => lost.before(kind), after: (kind) => last.after(kind, 1) });
    const revision = await saveTask({ org, id, task: submitted(id) });
    observe(undefined);
    expect((await team.stored(id)).revision).toBe(revision);
  });

  test('is made again when it was not made', async () => {
    const id = 'tsk_lostreply00000before' as TaskId;
    observe(failing('before', 1));
    const revision = await saveTask({ org, id, task: submitted(id) });
    observe(undefined);
    expect((await team.stored(id)).revision).toBe(revision);
  });

  test('is reported as unknown when nobody can tell', async () => {
    const id = 'tsk_lostreply000000never' as TaskId;
    observe(failing('before', 3));
    await expect(saveTask({ org, id, task: submitted(id) })).rejects.toMatchObject({
      row: { code: 'store.outcome_unknown' },
    });
  });
});
