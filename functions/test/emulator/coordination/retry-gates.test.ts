import { beforeAll, expect, test } from '@jest/globals';
import { advanceOnCreate } from '../../../src/coordination/advance-task.ts';
import { listAssignments, retryTask } from '../../../src/coordination/index.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
beforeDatabaseCloses(() => team.stop());

test('a plan of the caller’s own that is tried again needs no evidence that it did not need at first (Q2)', async () => {
  const part = { specialist: 'nodejs-expert', artifactKind: 'markdown' };
  const plan = [
    { ...part, id: 'stands', title: 'Stands' },
    {
      ...{ ...part, id: 'fails', title: 'Fails once', dependsOn: ['stands'] },
      instructions: '[[stand-in: content-filter times=1]]',
    },
  ];
  const { id } = await team.submit({ title: 'Tried again', category: 'performance', plan });
  expect(await team.over(id)).toMatchObject({ state: 'failed', failure: { code: 'llm.refused' } });
  const submittedBy = { channel: 'pubsub' as const, messageId: 'again' };
  const { task } = await retryTask({ org, source: id, submittedBy, now: new Date() });
  await team.created(task.id);
  // The event of its creation finds a task that has its plan.
  await advanceOnCreate({ value: task, revision: '0.0' }, team.gateway);
  expect((await team.over(task.id)).state).toBe('completed');
  const calls = (await listAssignments(org, task.id)).map((each) => [each.id, each.calls.length]);
  expect(calls).toEqual([
    ['stands', 0],
    ['fails', 1],
  ]);
});
