// What begins while its task ends, or after: nothing may be started for it, or it stops at once (C6).
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { abortOnCancel, stopWatching, writeCancellation } from '../../../src/coordination/cancellations.firestore.ts';
import { cancelTask } from '../../../src/coordination/cancel-task.ts';
import { assignmentChange } from '../../../src/coordination/changes.ts';
import { claim } from '../../../src/coordination/claim.ts';
import { directiveFor } from '../../../src/coordination/directive.ts';
import { runAssignment } from '../../../src/coordination/run-assignment.ts';
import { submission, type TaskId } from '../../../src/coordination/schemas.ts';
import { submitTask } from '../../../src/coordination/submit-task.ts';
import { findAssignment } from '../../../src/coordination/task-store.firestore.ts';
import { commit } from '../../../src/platform/firestore.ts';
import { beforeDatabaseCloses, justBefore, randomOrg, serviceDatabase } from '../harness.ts';
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

test('a run that begins on an idle instance after its task has ended claims nothing and asks no model, although nobody has closed its work yet', async () => {
  const { id, ready } = await planned('ended-unclosed');
  await team.dieCancelling(id, { also: (batch) => writeCancellation(batch, org, id, new Date()) });
  stopWatching();
  const asked = team.mentions('ended-unclosed');
  await runAssignment(directiveFor(ready, []), { gateway: team.gateway, messageId: 'late', timeoutMs: 60_000 });
  expect(asked()).toBe(0);
  await team.advance(id);
  expect((await findAssignment(org, id, 'one'))?.value).toMatchObject({ state: 'canceled', lostCalls: 0, epoch: 0 });
});

test('what a dead instance holds is not taken over once the task has ended, although nobody has closed it yet', async () => {
  const { id, ready } = await planned('Ended');
  const owner = { instance: 'an-instance-that-died', run: 'its-run', message: 'its-message' };
  const data = { epoch: 1, owner, leaseUntil: null, agentVersion: 1, lostCall: false };
  await team.dieCancelling(id, {
    assignments: [assignmentChange(ready, [{ type: 'assignment.started', data }], new Date())],
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

test.each([1, 2])('a task that is planned just before read %i of its cancel leaves no work open', async (nth) => {
  team.deliveries = () => 0;
  const submittedBy = { channel: 'pubsub' as const, messageId: randomUUID() };
  const { task } = await submitTask({
    org,
    submission: submission.parse(onePart('Raced')),
    submittedBy,
    now: new Date(),
  });
  justBefore('firestore.read', nth, () => team.created(task.id));
  await cancelTask(org, task.id, { by: 'someone' });
  expect((await findAssignment(org, task.id, 'one'))?.value.state).toBe('canceled');
});

const onePart = (title: string) => {
  const part = { id: 'one', specialist: 'nodejs-expert', title: 'One', artifactKind: 'markdown' };
  return { title, category: 'performance', plan: [part] };
};

/** A task of one assignment, and nothing of it is delivered. */
const planned = async (title: string) => {
  team.deliveries = () => 0;
  const { id } = await team.submit(onePart(title));
  const ready = await findAssignment(org, id, 'one');
  if (!ready) throw new Error('The task was not planned.');
  return { id, ready };
};
