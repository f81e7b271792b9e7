// Runs that begin when their task has ended already: nothing may be started for them, or it stops at once (C6).
import { beforeAll, expect, test } from '@jest/globals';
import { abortOnCancel, stopWatching, writeCancellation } from '../../../src/coordination/cancellations.firestore.ts';
import { assignmentChange, taskChange } from '../../../src/coordination/changes.ts';
import { claim } from '../../../src/coordination/claim.ts';
import { directiveFor } from '../../../src/coordination/directive.ts';
import { runAssignment } from '../../../src/coordination/run-assignment.ts';
import type { AssignmentEventBody, TaskId } from '../../../src/coordination/schemas.ts';
import { findAssignment, findTask, saveTask } from '../../../src/coordination/task-store.firestore.ts';
import { commit } from '../../../src/platform/firestore.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
beforeDatabaseCloses(() => team.stop());

test('a run that begins after its instance has seen the cancel is aborted at once', async () => {
  const id = 'tsk_seenbeforeitbegins0' as TaskId;
  const [before, after] = [new AbortController(), new AbortController()];
  const watches = [abortOnCancel(org, id, before)];
  await commit((batch) => writeCancellation(batch, org, id, new Date()));
  await until(() => Promise.resolve(before.signal.aborted ? true : undefined));
  watches.push(abortOnCancel(org, id, after));
  expect(after.signal.aborted).toBe(true);
  for (const watch of watches) watch.stop();
});

test('a run that begins on an idle instance after its task has ended asks no model, although nobody has closed its work yet', async () => {
  team.deliveries = () => 0;
  const part = { id: 'one', specialist: 'nodejs-expert', title: 'One', artifactKind: 'markdown' };
  const { id } = await team.submit({ title: 'ended-unclosed', category: 'performance', plan: [part] });
  const [task, ready] = await Promise.all([findTask(org, id), findAssignment(org, id, 'one')]);
  if (!task || !ready) throw new Error('The task was not planned.');
  const now = new Date();
  const spend = { llmCalls: 0, unknownCalls: 0, tokens: 0, costNanoUsd: 0n };
  await saveTask({
    org,
    id,
    task: taskChange(task, [{ type: 'task.canceled', data: { by: 'someone', spend } }], now),
    also: (batch) => writeCancellation(batch, org, id, now),
  });
  stopWatching();
  const asked = team.mentions('ended-unclosed');
  await runAssignment(directiveFor(ready, []), { gateway: team.gateway, messageId: 'late', timeoutMs: 60_000 });
  expect(asked()).toBe(0);
  await team.advance(id);
  expect((await findAssignment(org, id, 'one'))?.value).toMatchObject({ state: 'canceled', lostCalls: 0 });
});

test('what a dead instance holds is not taken over once the task has ended, although nobody has closed it yet', async () => {
  team.deliveries = () => 0;
  const part = { id: 'one', specialist: 'nodejs-expert', title: 'One', artifactKind: 'markdown' };
  const { id } = await team.submit({ title: 'Ended', category: 'performance', plan: [part] });
  const [task, ready] = await Promise.all([findTask(org, id), findAssignment(org, id, 'one')]);
  if (!task || !ready) throw new Error('The task was not planned.');
  const owner = { instance: 'an-instance-that-died', run: 'its-run', message: 'its-message' };
  const data = { epoch: 1, owner, leaseUntil: null, agentVersion: 1, lostCall: false };
  const started: AssignmentEventBody = { type: 'assignment.started', data };
  const spend = { llmCalls: 0, unknownCalls: 1, tokens: 0, costNanoUsd: 0n };
  const now = new Date();
  await saveTask({
    org,
    id,
    task: taskChange(task, [{ type: 'task.canceled', data: { by: 'someone', spend } }], now),
    assignments: [assignmentChange(ready, [started], now)],
  });
  const again = { owner: { ...owner, instance: 'another' }, effect: 'model.answer' as const, agentVersion: 1 };
  const claimed = await until(async () => {
    // While the dead instance still counts as alive, the message that it was started for must come again.
    const tried = await claim(directiveFor(ready, []), again, new Date()).catch(() => undefined);
    return tried;
  });
  expect(claimed.outcome).toBe('idle');
  expect((await findAssignment(org, id, 'one'))?.value.epoch).toBe(1);
});
