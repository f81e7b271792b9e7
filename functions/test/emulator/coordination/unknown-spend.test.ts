// What a task that ends early says of the calls that were under way: unknown, until the run that made them says what they were (C3).
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { advanceOnCreate } from '../../../src/coordination/advance-task.ts';
import { assignmentChange } from '../../../src/coordination/changes.ts';
import { effectsOfTask } from '../../../src/coordination/effects.firestore.ts';
import { cancelTask, getReport, listAssignments, readEvents } from '../../../src/coordination/index.ts';
import { submission, type AssignmentEventBody, type TaskId } from '../../../src/coordination/schemas.ts';
import { recordSpend } from '../../../src/coordination/settle-assignment.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { findAssignment, findTask, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => {
  team.deliveries = () => 1;
  team.providers.setFaults([]);
});
beforeDatabaseCloses(() => team.stop());

const part = (id: string) => ({ id, specialist: 'nodejs-expert', title: id, artifactKind: 'markdown' });
const unknownIn = async (id: TaskId) => (await getReport(org, id)).spend.unknownCalls;

test('runs that a cancel cuts off are unknown in the report, and on record once they say what they asked', async () => {
  team.providers.setFaults([{ contains: 'cut-off-case', fault: { kind: 'hang' } }]);
  const plan = [part('one'), part('two'), { ...part('later'), dependsOn: ['one'] }];
  const { id } = await team.submit({ title: 'cut-off-case', category: 'performance', plan });
  await until(async () => {
    const asked = team.providers.requests().filter(({ endpoint }) => endpoint).length;
    const running = (await listAssignments(org, id)).filter(({ state }) => state === 'running').length;
    return asked >= 2 && running === 2 ? true : undefined;
  });
  await cancelTask(org, id, { by: 'someone' });
  await team.over(id);
  expect(await unknownIn(id)).toBe(2);
  expect((await effectsOfTask(org, id)).map(({ state }) => state)).toEqual(['unknown', 'unknown']);
  const settled = await until(async () => {
    const assignments = await listAssignments(org, id);
    return assignments.flatMap(({ calls }) => calls).length === 2 ? assignments : undefined;
  });
  expect(settled.map(({ lostCalls, calls }) => [lostCalls, calls.map(({ outcome }) => outcome)])).toEqual([
    [0, ['aborted']],
    [0, ['aborted']],
    [0, []],
  ]);
});

test('a run whose last commit was made although its reply was lost has said what it spent, and says it once (C3)', async () => {
  const { id } = await team.submit({ title: 'Said', category: 'performance', plan: [part('one')] });
  await team.over(id);
  const [said] = await listAssignments(org, id);
  if (!said) throw new Error('The assignment is gone.');
  expect(said.calls).toHaveLength(1);
  const holder = { ...said, state: 'running' as const };
  await recordSpend(holder, said.calls);
  // Somebody else has claimed it since; or nothing was asked, and nothing counts as lost.
  await recordSpend({ ...holder, epoch: said.epoch - 1 }, said.calls);
  await recordSpend({ ...holder, epoch: said.epoch - 1 }, []);
  expect(await listAssignments(org, id)).toEqual([said]);
});

/** A task that was cancelled while an instance which nobody hears of held its work; and that work as it was held. */
const cutOff = async (title: string) => {
  team.deliveries = () => 0;
  const { id } = await team.submit({ title, category: 'performance', plan: [part('one')] });
  const before = await findAssignment(org, id, 'one');
  if (!before) throw new Error('The assignment is gone.');
  const owner = { instance: 'an-instance-that-died', run: 'its-run', message: 'its-message' };
  const data = { epoch: 1, owner, leaseUntil: null, agentVersion: 1, lostCall: false };
  const started: AssignmentEventBody = { type: 'assignment.started', data };
  const change = assignmentChange(before, [started], new Date());
  await saveTask({ org, id, assignments: [change] });
  await cancelTask(org, id, { by: 'someone' });
  await team.over(id);
  return { id, held: change.after };
};

test('a run that died before the cancel stays unknown', async () => {
  const { id } = await cutOff('Died');
  expect(await unknownIn(id)).toBe(1);
  expect((await listAssignments(org, id)).map(({ lostCalls }) => lostCalls)).toEqual([1]);
});

test('what a run says it spent after its task is over comes after the last cursor', async () => {
  const { id, held } = await cutOff('Late');
  const first = await readEvents(org, id, { pageSize: 100 });
  expect(first.over).toBe(true);
  await recordSpend(held, []);
  const rest = await readEvents(org, id, { pageSize: 100, cursor: first.nextCursor });
  expect(rest).toMatchObject({ over: true, events: [{ event: { type: 'assignment.spend_recorded' } }] });
});

test('an analysis that a cancel cuts off is unknown in the report, on record once it is cut off, and asks nothing more', async () => {
  team.providers.setFaults([{ contains: 'analysis-case', fault: { kind: 'hold' } }]);
  const before = team.providers.requests().length;
  const asked = () => team.providers.requests().length - before;
  const { task } = await submitTask({
    org,
    submission: submission.parse({ title: 'analysis-case', planning: 'proposed' }),
    submittedBy: { channel: 'pubsub', messageId: randomUUID() },
    now: new Date(),
  });
  const stored = await findTask(org, task.id);
  if (!stored) throw new Error('The task is gone.');
  const planning = advanceOnCreate(stored, team.gateway);
  await until(async () => Promise.resolve(asked() > 0 || undefined));
  await cancelTask(org, task.id, { by: 'someone' });
  expect(await unknownIn(task.id)).toBe(1);
  await planning;
  const settled = (await findTask(org, task.id))?.value;
  expect(settled).toMatchObject({ state: 'canceled', lostCalls: 0, calls: [{ outcome: 'aborted' }] });
  expect(asked()).toBe(1);
});
