import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  forkTask,
  getArtifact,
  getReport,
  listAssignments,
  readEvents,
  retryTask,
} from '../../../src/coordination/index.ts';
import type { TaskId } from '../../../src/coordination/schemas.ts';
import type { ScopedKey } from '../../../src/platform/idempotency.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
const submittedBy = { channel: 'http' as const, uid: 'ann', role: 'member' as const };
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
const pair = [node('first'), node('second', { dependsOn: ['first'] })];
const rules = { specialist: 'firebase-specialist', artifactKind: 'security-rules' };
const ofSecurity = { specialist: 'security-engineer', artifactKind: 'security-review' };
const submitted = (plan: object[]) => team.submit({ title: 'One to fork', category: 'performance', plan });
const asked = () => team.providers.requests().length;
const fork = async (source: TaskId, rest: { cursor?: string; key?: ScopedKey } = {}) =>
  begun(await forkTask({ org, source, submittedBy, now: new Date(), ...rest }));
const retry = async (source: TaskId, key?: ScopedKey) =>
  begun(await retryTask({ org, source, submittedBy, now: new Date(), key }));
const begun = async (made: Awaited<ReturnType<typeof forkTask>>) => {
  if (!made.replayed) await team.created(made.task.id);
  return made;
};
const cursorsOf = async (id: TaskId) => (await readEvents(org, id, { pageSize: 500 })).events;
const code = (expected: string) => ({ row: { code: `coordination.${expected}` } });

/** A task whose assignment of that title was refused by every model. */
const failedAt = async (title: string, plan: object[]): Promise<TaskId> => {
  team.providers.setFaults([{ contains: `Your assignment: ${title}`, fault: { kind: 'content-filter' } }]);
  const { id } = await submitted(plan);
  expect((await team.over(id)).state).toBe('failed');
  team.providers.setFaults([]);
  return id;
};

/** Waits until the task waits for evidence of its security, and lets nobody bring any. */
const withoutEvidence = async (id: TaskId) => {
  const { reason, deadlineAt } = await team.waiting(id, 'evidence');
  expect(reason).toContain('Security scan');
  await team.advance(id, deadlineAt.getTime() - Date.now() + 1);
  expect((await team.over(id)).state).toBe('failed');
};

describe('a failed task that is tried again', () => {
  test('is a task of its own that takes over what was achieved and does not pay for it again', async () => {
    const source = await failedAt('Do second', pair);
    const before = asked();
    const { task, replayed } = await retry(source);
    expect({ replayed, id: task.id === source, from: task.forkedFrom }).toEqual({
      replayed: false,
      id: false,
      from: { task: source, cursor: 'end' },
    });
    expect(await team.over(task.id)).toMatchObject({ state: 'completed', plan: { origin: 'fork' } });
    expect(asked() - before).toBe(1);
    const [first, second] = await listAssignments(org, task.id);
    expect(first).toMatchObject({ state: 'succeeded', calls: [], epoch: 0 });
    expect(second).toMatchObject({ state: 'succeeded', epoch: 1 });
    const contentIn = async (id: TaskId) => (await getArtifact(org, id, 'first')).content;
    expect(await contentIn(task.id)).toBe(await contentIn(source));
    expect((await getReport(org, task.id)).spend.llmCalls).toBe(1);
    expect((await team.stored(source)).value.state).toBe('failed');
  });

  test('because of a review with nothing to rework does the review again, and nothing before it (K2)', async () => {
    const review = node('review', { ...ofSecurity, instructions: '[[stand-in: changes-needed]]' });
    const { id } = await submitted([node('rules', rules), review]);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.gate_failed' } });
    const before = asked();
    const { task } = await retry(id);
    await team.over(task.id);
    expect(asked() - before).toBe(1);
    expect((await listAssignments(org, task.id)).map(({ epoch }) => epoch)).toEqual([0, 1]);
  });

  test('because of a review whose rounds were used up reworks what it objected to, and has it reviewed again (K2)', async () => {
    const review = node('review', {
      ...ofSecurity,
      dependsOn: ['rules'],
      instructions: '[[stand-in: always-changes-needed]]',
    });
    const { id } = await submitted([node('rules', rules), review]);
    expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'coordination.gate_failed' } });
    const { task } = await retry(id);
    await team.over(task.id);
    const begun = (await listAssignments(org, task.id)).filter(({ epoch }) => epoch > 0);
    expect(begun.slice(0, 2)).toMatchObject([
      { id: 'review-rework-3', artifactKind: 'security-rules', dependsOn: ['review-rework-2', 'review-round-3'] },
      { id: 'review-round-4', dependsOn: ['review-rework-3', 'review-round-3'] },
    ]);
  });

  test('because its review was older than the work is not saved by the later hour', async () => {
    const { id } = await submitted([node('review', ofSecurity), node('rules', { ...rules, dependsOn: ['review'] })]);
    await withoutEvidence(id);
    const { task } = await retry(id);
    await withoutEvidence(task.id);
  });

  test('after its work was shared keeps the shares, and may be shared anew', async () => {
    const whole = node('whole', { instructions: '[[stand-in: delegate to=ml-engineer]]' });
    team.providers.setFaults([{ contains: 'markdown" by="ml-engineer"', fault: { kind: 'content-filter' } }]);
    const { id } = await submitted([whole]);
    expect((await team.over(id)).state).toBe('failed');
    team.providers.setFaults([]);
    const { task } = await retry(id);
    expect((await team.over(task.id)).state).toBe('completed');
    const taken = (await listAssignments(org, task.id)).filter(({ epoch }) => epoch === 0);
    expect(taken.map((each) => each.id)).toEqual(['whole-part-1']);
  });

  test('twice with the same key is tried again once', async () => {
    const source = await failedAt('Do second', pair);
    const [first, again] = await Promise.all([retry(source, ['k1']), retry(source, ['k1'])]);
    expect(first.task.id).toBe(again.task.id);
    expect([first.replayed, again.replayed].sort()).toEqual([false, true]);
    await team.over(first.task.id);
    expect(await retry(source, ['k1'])).toMatchObject({ replayed: true, task: { id: first.task.id } });
    const other = await failedAt('Do first', pair);
    await expect(retry(other, ['k1'])).rejects.toMatchObject(code('key_reused'));
  });

  test('must have ended badly, and be the org’s own', async () => {
    const { id } = await submitted(pair);
    await expect(retry(id)).rejects.toMatchObject(code('not_retryable'));
    await team.over(id);
    await expect(retry(id)).rejects.toMatchObject(code('not_retryable'));
    const foreign = retryTask({ org: randomOrg(), source: id, submittedBy, now: new Date() });
    await expect(foreign).rejects.toMatchObject(code('task_not_found'));
  });
});

describe('a fork', () => {
  test('from each event of a task comes to its end', async () => {
    const { id } = await submitted(pair);
    await team.over(id);
    const events = await cursorsOf(id);
    const forks = await Promise.all(events.map(({ cursor }) => fork(id, { cursor })));
    const ends = await Promise.all(forks.map(({ task }) => team.over(task.id)));
    expect(ends.map(({ state }) => state)).toEqual(ends.map(() => 'completed'));
    const sizes = await Promise.all(forks.map(async ({ task }) => (await listAssignments(org, task.id)).length));
    expect(new Set(sizes)).toEqual(new Set([pair.length]));
  });

  test('from the event of a result takes that result over, and not what came after', async () => {
    const { id } = await submitted(pair);
    await team.over(id);
    const done = (await cursorsOf(id)).find(
      ({ event }) => event.stream === 'first' && event.type === 'assignment.succeeded',
    );
    const before = asked();
    const { task } = await fork(id, { cursor: done?.cursor ?? '' });
    await team.over(task.id);
    expect(asked() - before).toBe(1);
    expect((await listAssignments(org, task.id)).map(({ epoch }) => epoch)).toEqual([0, 1]);
  });

  test('of a task at work takes over what there was when it was asked for, however long it waits for its turn', async () => {
    team.deliveries = (assignment) => (assignment === 'first' ? 1 : 0);
    const { id } = await submitted(pair);
    await team.reached(id, 'first', 'succeeded');
    const { task } = await forkTask({ org, source: id, submittedBy, now: new Date() });
    expect(task.state).toBe('submitted');
    team.deliveries = () => 1;
    await team.advance(id);
    await team.over(id);
    const before = asked();
    await team.created(task.id);
    await team.over(task.id);
    expect(asked() - before).toBe(1);
    expect((await listAssignments(org, task.id)).map(({ epoch }) => epoch)).toEqual([0, 1]);
  });

  test('from the end of a completed task is completed without a single model call', async () => {
    const { id } = await submitted(pair);
    await team.over(id);
    const before = asked();
    const { task } = await fork(id);
    expect((await team.over(task.id)).state).toBe('completed');
    expect(asked()).toBe(before);
    expect((await getReport(org, task.id)).spend.costNanoUsd).toBe(0n);
  });

  test('keeps of what it takes over when it was made, by which version and by which model', async () => {
    const { id } = await submitted([node('rules', rules), node('review', { ...ofSecurity, dependsOn: ['rules'] })]);
    await team.over(id);
    const first = await fork(id);
    await team.over(first.task.id);
    const { task } = await fork(first.task.id);
    expect((await team.over(task.id)).state).toBe('completed');
    const { gates } = await getReport(org, id);
    expect((await getReport(org, task.id)).gates).toEqual(gates);
    expect(gates.find(({ gate }) => gate === 'security')).toMatchObject({
      status: 'passed',
      evidence: [{ by: { version: expect.any(Number), model: expect.any(String) } }],
    });
  });

  test('twice with the same key is made once; from another event under that key it is refused', async () => {
    const { id } = await submitted(pair);
    await team.over(id);
    const [first] = await cursorsOf(id);
    const made = await fork(id, { key: ['k2'] });
    expect(await fork(id, { key: ['k2'] })).toMatchObject({ replayed: true, task: { id: made.task.id } });
    const other = fork(id, { key: ['k2'], cursor: first?.cursor ?? '' });
    await expect(other).rejects.toMatchObject(code('key_reused'));
  });

  test('of another org’s task, or from what is no event, is refused', async () => {
    const { id } = await submitted(pair);
    await team.over(id);
    const foreign = forkTask({ org: randomOrg(), source: id, submittedBy, now: new Date() });
    await expect(foreign).rejects.toMatchObject(code('task_not_found'));
    await expect(fork(id, { cursor: 'yesterday' })).rejects.toMatchObject(code('invalid_cursor'));
  });
});
