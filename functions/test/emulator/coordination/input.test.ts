import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { assignmentChange, taskChange } from '../../../src/coordination/changes.ts';
import { giveInput, listAssignments } from '../../../src/coordination/index.ts';
import type { TaskId, Wait } from '../../../src/coordination/schemas.ts';
import { findAssignment, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { pubsubErrors } from '../../../src/platform/pubsub.ts';
import { beforeDatabaseCloses, justBefore, observe, randomOrg, refuse, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
const minuteMs = 60_000;
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => {
  team.deliveries = () => 1;
  team.providers.setFaults([]);
});
beforeDatabaseCloses(() => team.stop());

const asking = {
  title: 'One that asks',
  category: 'performance',
  plan: [
    {
      id: 'asks',
      specialist: 'nodejs-expert',
      title: 'Ask',
      instructions: '[[stand-in: ask]]',
      artifactKind: 'markdown',
    },
    { id: 'next', specialist: 'nodejs-expert', title: 'Next', artifactKind: 'markdown', dependsOn: ['asks'] },
  ],
};
const answer = { assignment: 'asks', text: 'In europe-west4.', by: 'ann' };
const requests = () => team.providers.requests().length;

/** A task whose first assignment waits for an answer. */
const waiting = async () => {
  const { id } = await team.submit(asking);
  const wait = await team.waiting(id, 'input');
  return { id, wait };
};

/** The specialist asks once more, after it got its first answer. */
const askAgain = async (id: TaskId): Promise<Wait> => {
  await team.dieWith(id, 'asks');
  const [task, held] = [await team.stored(id), await findAssignment(org, id, 'asks')];
  if (!held) throw new Error('The assignment is gone.');
  const now = new Date();
  const question = { text: 'And in which zone?', deadlineAt: new Date(now.getTime() + minuteMs) };
  const wait: Wait = {
    id: 'asks',
    kind: 'input',
    assignment: 'asks',
    party: 'submitter',
    reason: question.text,
    deadlineAt: question.deadlineAt,
    onSilence: 'proceed',
  };
  await saveTask({
    org,
    id,
    task: taskChange(task, [{ type: 'task.waiting', data: { wait } }], now),
    assignments: [assignmentChange(held, [{ type: 'assignment.input_requested', data: { question, calls: [] } }], now)],
  });
  return wait;
};

describe('a specialist that needs an answer', () => {
  test('makes the task wait for whoever submitted it, with a deadline and what silence stands for (C1)', async () => {
    const { id, wait } = await waiting();
    const { value } = await team.stored(id);
    expect(value.state).toBe('input_required');
    expect(wait).toMatchObject({ assignment: 'asks', party: 'submitter', onSilence: 'proceed' });
    expect(wait.deadlineAt.getTime()).toBeLessThan(value.deadlineAt.getTime());
    expect((await listAssignments(org, id)).map(({ state }) => state)).toEqual(['input_required', 'blocked']);
  });

  test('goes on with the answer in its prompt', async () => {
    const mentioned = team.mentions(answer.text);
    const { id } = await waiting();
    expect(mentioned()).toBe(0);
    await giveInput(org, id, answer);
    const task = await team.over(id);
    expect(task).toMatchObject({ state: 'completed', waits: [] });
    expect(mentioned()).toBe(1);
    const [asks] = await listAssignments(org, id);
    expect(asks).toMatchObject({ epoch: 2, asked: 1, remarks: [{ kind: 'answer', text: answer.text, by: 'ann' }] });
    expect(asks?.calls).toHaveLength(2);
  });

  test('goes on without an answer once the deadline has passed, and not before', async () => {
    const { id, wait } = await waiting();
    await team.advance(id);
    expect((await team.stored(id)).value.state).toBe('input_required');
    await team.advance(id, wait.deadlineAt.getTime() - Date.now() + 1);
    expect((await team.over(id)).state).toBe('completed');
    const [asks] = await listAssignments(org, id);
    expect(asks?.remarks).toMatchObject([{ kind: 'answer', by: 'silence' }]);
  });
});

describe('an answer', () => {
  test.each([1, 2])('given just before read %i of the same answer is given once', async (nth) => {
    const { id } = await waiting();
    justBefore('firestore.read', nth, () => giveInput(org, id, answer));
    await giveInput(org, id, answer);
    expect((await team.over(id)).state).toBe('completed');
    const [asks] = await listAssignments(org, id);
    expect(asks?.remarks).toHaveLength(1);
  });

  test('given again by one who got no reply is sent on, should the first have died before it was', async () => {
    const { id } = await waiting();
    team.deliveries = () => 0;
    await giveInput(org, id, answer);
    team.deliveries = () => 1;
    await giveInput(org, id, answer);
    expect((await team.over(id)).state).toBe('completed');
  });

  test('that is on record and could not be sent says so, and is sent when it is given again', async () => {
    const { id } = await waiting();
    refuse('pubsub.publish');
    await expect(giveInput(org, id, answer)).rejects.toMatchObject({ row: pubsubErrors.unavailable });
    observe(undefined);
    await giveInput(org, id, answer);
    expect((await team.over(id)).state).toBe('completed');
  });

  test('given twice is given once', async () => {
    const { id } = await waiting();
    const before = requests();
    await Promise.all([giveInput(org, id, answer), giveInput(org, id, answer)]);
    await giveInput(org, id, answer);
    expect((await team.over(id)).state).toBe('completed');
    await giveInput(org, id, answer);
    expect((await listAssignments(org, id))[0]?.remarks).toHaveLength(1);
    expect(requests() - before).toBe(2);
  });

  test('after another one was given is refused', async () => {
    const { id } = await waiting();
    await giveInput(org, id, answer);
    const other = giveInput(org, id, { ...answer, text: 'In us-central1.' });
    await expect(other).rejects.toMatchObject({ row: { code: 'coordination.not_waiting' } });
    await team.over(id);
    expect((await listAssignments(org, id))[0]?.remarks).toHaveLength(1);
  });

  test('to an assignment that does not wait, to none, and to no task is refused', async () => {
    const { id } = await waiting();
    const code = (expected: string) => ({ row: { code: `coordination.${expected}` } });
    const next = giveInput(org, id, { ...answer, assignment: 'next' });
    await expect(next).rejects.toMatchObject(code('not_waiting'));
    const nobody = giveInput(org, id, { ...answer, assignment: 'nobody' });
    await expect(nobody).rejects.toMatchObject(code('assignment_not_found'));
    await expect(giveInput(randomOrg(), id, answer)).rejects.toMatchObject(code('task_not_found'));
    expect((await team.stored(id)).value.state).toBe('input_required');
  });

  test('to a second question may be the same as to the first', async () => {
    const { id } = await waiting();
    team.deliveries = () => 0;
    await giveInput(org, id, answer);
    await askAgain(id);
    team.deliveries = () => 1;
    await giveInput(org, id, answer);
    expect((await team.over(id)).state).toBe('completed');
    const [asks] = await listAssignments(org, id);
    expect(asks?.remarks.map(({ about }) => about)).toEqual(['Which region should it run in?', 'And in which zone?']);
  });
});

describe('silence', () => {
  test('ends a second wait as it ended the first (M3)', async () => {
    const { id, wait } = await waiting();
    team.deliveries = () => 0;
    await team.advance(id, wait.deadlineAt.getTime() - Date.now() + 1);
    const again = await askAgain(id);
    team.deliveries = () => 1;
    await team.advance(id, again.deadlineAt.getTime() - Date.now() + 1);
    expect((await team.over(id)).state).toBe('completed');
  });
});

test('specialists that all ask at the same moment are all heard, and what they were paid for is not thrown away', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `asks-${index}`);
  const plan = ids.map((id) => ({ ...asking.plan[0], id }));
  team.providers.setFaults([{ contains: 'asked-at-once', fault: { kind: 'hold' } }]);
  const { id } = await team.submit({ ...asking, title: 'asked-at-once', plan });
  for (const each of ids) await team.reached(id, each, 'running');
  team.providers.setFaults([]);
  for (const each of ids) await team.reached(id, each, 'input_required');
  const all = await listAssignments(org, id);
  expect(all.map(({ epoch, calls }) => [epoch, calls.length])).toEqual(ids.map(() => [1, 1]));
});
