// Whose words an assignment is, from whoever wrote them to the prompt of whoever works on it.
import { beforeAll, expect, test } from '@jest/globals';
import { listAssignments, retryTask } from '../../../src/coordination/index.ts';
import type { TaskId } from '../../../src/coordination/schemas.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
beforeDatabaseCloses(() => team.stop());

const authorsOf = async (id: TaskId) => [
  ...new Set((await listAssignments(org, id)).map(({ author }) => JSON.stringify(author))),
];
const only = (author: object) => [JSON.stringify(author)];

test.each([
  ['a template', { category: 'api-design' }, { kind: 'coordinator' }],
  ['a model', { category: 'api-design', planning: 'proposed' }, { kind: 'model' }],
])('a plan by %s says so of each assignment', async (_, request, author) => {
  const { id } = await team.submit({ title: 'Store recipes', ...request });
  expect(await authorsOf(id)).toEqual(only(author));
  await team.dieCancelling(id);
});

test('an assignment that a specialist asked for is the specialist’s, also in a task that is tried again', async () => {
  const plan = [
    {
      id: 'asks',
      specialist: 'nodejs-expert',
      title: 'Ask',
      instructions: '[[stand-in: delegate to=api-designer]] [[stand-in: always-invalid-artifact]]',
      artifactKind: 'markdown',
    },
  ];
  const mentioned = team.mentions('name="assignment" by="nodejs-expert, who asked for this work"');
  const { id } = await team.submit({ title: 'Delegate', category: 'performance', plan });
  expect((await team.over(id)).state).toBe('failed');
  const authors = ['{"kind":"caller"}', '{"kind":"specialist","id":"nodejs-expert"}'];
  expect(await authorsOf(id)).toEqual(authors);
  // It asks twice, as often as it may.
  expect(mentioned()).toBe(2);
  const submittedBy = { channel: 'http' as const, uid: 'ann', role: 'member' as const };
  const { task } = await retryTask({ org, source: id, submittedBy, now: new Date() });
  await team.created(task.id);
  expect(await authorsOf(task.id)).toEqual(authors);
});
