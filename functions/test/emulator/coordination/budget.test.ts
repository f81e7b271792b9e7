import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { listAssignments, readEvents } from '../../../src/coordination/index.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, until, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
afterEach(() => team.providers.setFaults([]));
beforeDatabaseCloses(() => team.stop());

const node = (id: string, rest: object = {}) => ({
  id,
  specialist: 'nodejs-expert',
  title: `Do ${id}`,
  artifactKind: 'markdown',
  ...rest,
});
const asked = () => team.providers.requests().length;
const spent = { state: 'failed', failure: { code: 'coordination.budget_exceeded' } };

/** What becomes of the task, and how often a model was asked for it. */
const outcomeOf = async (request: object) => {
  const before = asked();
  const { id } = await team.submit({ title: 'Make the search fast', ...request });
  const task = await team.over(id);
  return { task, asked: asked() - before, assignments: await listAssignments(org, id) };
};

describe('a budget that is spent', () => {
  test('lets no further assignment ask a model', async () => {
    const plan = [node('only'), node('next', { dependsOn: ['only'] })];
    const ended = await outcomeOf({ category: 'performance', plan, budgetNanoUsd: '1' });
    expect(ended).toMatchObject({ asked: 1, task: spent });
    expect(ended.assignments.map(({ state }) => state)).toEqual(['succeeded', 'failed']);
  });

  test('by the classification has the template stand, and no specialist ask', async () => {
    const ended = await outcomeOf({ planning: 'proposed', budgetNanoUsd: '1' });
    const plan = { origin: 'template', proposalRejected: 'the budget of the task is spent' };
    expect(ended).toMatchObject({ asked: 1, task: { ...spent, analysis: { decidedBy: 'llm' }, plan } });
    expect(ended.assignments.flatMap(({ calls }) => calls)).toEqual([]);
  });

  test('by an answer that has to be repaired fails the work instead, with the findings on record', async () => {
    const plan = [node('only', { artifactKind: 'openapi', specialist: 'api-designer' })];
    const description = '[[stand-in: invalid-artifact]]';
    const ended = await outcomeOf({ category: 'performance', plan, description, budgetNanoUsd: '1' });
    expect(ended).toMatchObject({ asked: 1, task: spent, assignments: [{ calls: [{ outcome: 'ok' }] }] });
    const { events } = await readEvents(org, ended.task.id, { pageSize: 100 });
    expect(events.map(({ event }) => event.type)).toContain('assignment.artifact_rejected');
  });

  test('while calls are under way lets them end, all that run side by side, and nothing after them', async () => {
    team.providers.setFaults([{ contains: 'side by side', fault: { kind: 'hold' } }]);
    const before = asked();
    const plan = [node('one'), node('two'), node('last', { dependsOn: ['one', 'two'] })];
    const { id } = await team.submit({ title: 'side by side', category: 'performance', plan, budgetNanoUsd: '1' });
    await until(() => Promise.resolve(asked() - before === 2 || undefined));
    team.providers.setFaults([]);
    expect(await team.over(id)).toMatchObject(spent);
    expect((await listAssignments(org, id)).map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'failed']);
    expect(asked() - before).toBe(2);
  });
});

test('a budget of nothing asks no model at all', async () => {
  const ended = await outcomeOf({ planning: 'proposed', budgetNanoUsd: '0' });
  expect(ended).toMatchObject({ asked: 0, task: { ...spent, analysis: { decidedBy: 'keywords' }, calls: [] } });
});

test('a budget that suffices does not matter', async () => {
  const ended = await outcomeOf({ category: 'performance', plan: [node('only')], budgetNanoUsd: '1000000000' });
  expect(ended.task.state).toBe('completed');
});
