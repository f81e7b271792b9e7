import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { advanceTask } from '../../../src/coordination/advance-task.ts';
import { assignmentChange } from '../../../src/coordination/changes.ts';
import { directiveFor } from '../../../src/coordination/directive.ts';
import { cancelTask, giveInput, listAssignments, pauseTask, resumeTask } from '../../../src/coordination/index.ts';
import { runAssignment } from '../../../src/coordination/run-assignment.ts';
import type { TaskId } from '../../../src/coordination/schemas.ts';
import { findAssignment, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { beforeDatabaseCloses, justBefore, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
const minuteMs = 60_000;
const by = 'ann';
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => {
  team.deliveries = () => 1;
  team.providers.setFaults([]);
});
beforeDatabaseCloses(() => team.stop());

const node = (id: string, rest: object = {}) => ({
  id,
  specialist: 'nodejs-expert',
  title: `Do ${id}`,
  artifactKind: 'markdown',
  ...rest,
});
const submitted = (title: string, plan: object[]) => team.submit({ title, category: 'performance', plan });
const chain = [node('first'), node('second', { dependsOn: ['first'] }), node('third', { dependsOn: ['second'] })];
const statesOf = async (id: TaskId) => (await listAssignments(org, id)).map(({ state }) => state);
const asked = () => team.providers.requests().length;

/** A task that was paused while its first assignment ran; resolves when that has come to an end. */
const pausedAtWork = async (title: string, plan: object[], end: Parameters<Team['reached']>[2]): Promise<TaskId> => {
  team.providers.setFaults([{ contains: title, fault: { kind: 'hold' } }]);
  const { id } = await submitted(title, plan);
  await team.reached(id, 'first', 'running');
  await pauseTask(org, id, { by });
  team.providers.setFaults([]);
  await team.reached(id, 'first', end);
  return id;
};

const assignmentOf = async (id: TaskId) => {
  const stored = await findAssignment(org, id, 'first');
  if (!stored) throw new Error('The assignment is gone.');
  return stored;
};

/** The try that runs comes to nothing. */
const release = async (id: TaskId): Promise<void> => {
  const now = new Date();
  const failure = { code: 'llm.all_providers_failed', detail: 'All are busy.' };
  const data = { failure, fault: 'busy' as const, retryAt: now, calls: [] };
  const released = assignmentChange(await assignmentOf(id), [{ type: 'assignment.released', data }], now);
  await saveTask({ org, id, assignments: [released] });
};

/** As a retry is that was put back when the task was paused already. */
const makeReady = async (id: TaskId): Promise<void> => {
  const resumed = assignmentChange(await assignmentOf(id), [{ type: 'assignment.resumed', data: {} }], new Date());
  await saveTask({ org, id, assignments: [resumed] });
};

describe('a paused task', () => {
  test('finishes what runs, keeps the result and starts nothing new', async () => {
    const before = asked();
    const id = await pausedAtWork('pause-running', chain, 'succeeded');
    await team.advance(id);
    expect(await statesOf(id)).toEqual(['succeeded', 'paused', 'paused']);
    expect((await team.stored(id)).value.state).toBe('paused');
    expect(asked() - before).toBe(1);
    expect(team.failures).toEqual([]);
  });

  test('goes on when it is resumed', async () => {
    const id = await pausedAtWork('pause-resume', chain, 'succeeded');
    expect((await resumeTask(org, id, { by })).state).toBe('working');
    expect((await team.over(id)).state).toBe('completed');
    expect((await listAssignments(org, id)).map(({ epoch }) => epoch)).toEqual([1, 1, 1]);
  });

  test('whose last assignment ends meanwhile is finished when it is resumed', async () => {
    const id = await pausedAtWork('pause-last', [node('first')], 'succeeded');
    await team.advance(id);
    expect((await team.stored(id)).value.state).toBe('paused');
    await resumeTask(org, id, { by });
    expect((await team.over(id)).state).toBe('completed');
  });

  test('goes on with what ends just before the commit that resumes it', async () => {
    team.providers.setFaults([{ contains: 'pause-ends', fault: { kind: 'hold' } }]);
    const { id } = await submitted('pause-ends', [node('first'), node('second', { dependsOn: ['first'] })]);
    await team.reached(id, 'first', 'running');
    await pauseTask(org, id, { by });
    justBefore('firestore.commit', 1, async () => {
      team.providers.setFaults([]);
      await team.reached(id, 'first', 'succeeded');
    });
    await resumeTask(org, id, { by });
    expect((await team.over(id)).state).toBe('completed');
  });

  test('ignores a directive that was on its way', async () => {
    team.deliveries = () => 0;
    const { id } = await submitted('pause-late', chain);
    const late = directiveFor(await assignmentOf(id), []);
    const before = asked();
    await pauseTask(org, id, { by });
    await runAssignment(late, { gateway: team.gateway, messageId: 'late', timeoutMs: minuteMs });
    expect(await statesOf(id)).toEqual(['paused', 'paused', 'paused']);
    expect(asked()).toBe(before);
  });

  test.each(['firestore.read', 'firestore.commit'] as const)(
    'that is resumed just before a %s of somebody who looks after it is not held again',
    async (kind) => {
      team.deliveries = () => 0;
      const { id } = await submitted('pause-raced', [node('first')]);
      await pauseTask(org, id, { by });
      await makeReady(id);
      const task = await team.stored(id);
      justBefore(kind, 1, () => resumeTask(org, id, { by }));
      await advanceTask(task, team.gateway, new Date());
      expect(await statesOf(id)).toEqual(['ready']);
    },
  );

  test('can be cancelled', async () => {
    const id = await pausedAtWork('pause-cancel', chain, 'succeeded');
    await cancelTask(org, id, { by });
    expect((await team.over(id)).state).toBe('canceled');
    expect(await statesOf(id)).toEqual(['succeeded', 'canceled', 'canceled']);
  });

  test('fails at its deadline like any other (C1)', async () => {
    const id = await pausedAtWork('pause-deadline', chain, 'succeeded');
    await team.advance(id, (24 * 60 + 1) * minuteMs);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.deadline_exceeded' } });
  });
});

describe('while a task is paused', () => {
  test('a part of the plan that is added is held, and done after the task is resumed', async () => {
    const before = asked();
    const delegating = [node('first', { instructions: '[[stand-in: delegate to=ml-engineer]]' })];
    const id = await pausedAtWork('pause-delegate', delegating, 'blocked');
    // The one that asked waits for its part.
    expect(await statesOf(id)).toEqual(['blocked', 'paused']);
    expect(asked() - before).toBe(1);
    await resumeTask(org, id, { by });
    expect((await team.over(id)).state).toBe('completed');
  });

  test('the rework that a review asks for is held, and done after the task is resumed', async () => {
    const review = {
      specialist: 'security-engineer',
      artifactKind: 'security-review',
      instructions: '[[stand-in: changes-needed]]',
    };
    const plan = [
      node('rules', { specialist: 'firebase-specialist', artifactKind: 'security-rules' }),
      node('first', { ...review, dependsOn: ['rules'] }),
    ];
    team.deliveries = (assignment) => (assignment === 'rules' ? 1 : 0);
    const { id } = await submitted('pause-review', plan);
    await team.reached(id, 'rules', 'succeeded');
    team.deliveries = () => 1;
    team.providers.setFaults([{ contains: 'pause-review', fault: { kind: 'hold' } }]);
    await team.advance(id);
    await team.reached(id, 'first', 'running');
    await pauseTask(org, id, { by });
    team.providers.setFaults([]);
    await team.reached(id, 'first', 'succeeded');
    expect(await statesOf(id)).toEqual(['succeeded', 'succeeded', 'paused', 'paused']);
    await resumeTask(org, id, { by });
    expect((await team.over(id)).state).toBe('completed');
  });

  test('an answer is taken, and worked on after the task is resumed', async () => {
    const { id } = await submitted('pause-answer', [node('first', { instructions: '[[stand-in: ask]]' })]);
    await team.waiting(id, 'input');
    await pauseTask(org, id, { by });
    const before = asked();
    const task = await giveInput(org, id, { assignment: 'first', text: 'Here.', by });
    expect(task).toMatchObject({ state: 'paused', waits: [] });
    expect(await statesOf(id)).toEqual(['paused']);
    expect(asked()).toBe(before);
    await resumeTask(org, id, { by });
    expect((await team.over(id)).state).toBe('completed');
  });

  test.each([
    ['before', true],
    ['without', false],
  ])('a try that fails is repeated once the task is resumed, %s a sweep', async (_, swept) => {
    team.deliveries = () => 0;
    const { id } = await submitted('pause-retry', [node('first')]);
    await team.dieWith(id, 'first');
    await pauseTask(org, id, { by });
    await release(id);
    team.deliveries = () => 1;
    if (swept) {
      await team.advance(id);
      expect(await statesOf(id)).toEqual(['paused']);
    }
    await resumeTask(org, id, { by });
    expect((await team.over(id)).state).toBe('completed');
  });

  test('a question whose deadline passes waits on', async () => {
    const { id } = await submitted('pause-silence', [node('first', { instructions: '[[stand-in: ask]]' })]);
    const wait = await team.waiting(id, 'input');
    await pauseTask(org, id, { by });
    await team.advance(id, wait.deadlineAt.getTime() - Date.now() + 1);
    expect(await statesOf(id)).toEqual(['input_required']);
    await resumeTask(org, id, { by });
    await team.advance(id, wait.deadlineAt.getTime() - Date.now() + 1);
    expect((await team.over(id)).state).toBe('completed');
  });
});

describe('pausing', () => {
  test('twice is harmless, and so is resuming twice; what is over is refused both', async () => {
    const id = await pausedAtWork('pause-twice', chain, 'succeeded');
    expect((await pauseTask(org, id, { by })).state).toBe('paused');
    await resumeTask(org, id, { by });
    expect(await resumeTask(org, id, { by })).toMatchObject({ id, state: 'working' });
    await team.over(id);
    await expect(resumeTask(org, id, { by })).rejects.toMatchObject({ row: { code: 'coordination.not_paused' } });
    await expect(pauseTask(org, id, { by })).rejects.toMatchObject({ row: { code: 'coordination.not_pausable' } });
  });

  test('the task of another org is not found', async () => {
    const { id } = await submitted('pause-foreign', chain);
    const foreign = randomOrg();
    const missing = { row: { code: 'coordination.task_not_found' } };
    await expect(pauseTask(foreign, id, { by })).rejects.toMatchObject(missing);
    await expect(resumeTask(foreign, id, { by })).rejects.toMatchObject(missing);
    await team.over(id);
  });
});
