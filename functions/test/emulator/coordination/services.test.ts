import { beforeAll, describe, expect, test } from '@jest/globals';
import { acceptedDesign } from '../../../src/coordination/designs.firestore.ts';
import { getReport, listAssignments } from '../../../src/coordination/index.ts';
import { approvalsOfTask } from '../../../src/governance/index.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
beforeDatabaseCloses(() => team.stop());

const completed = async (request: object) => {
  const { id } = await team.submit(request);
  expect(await team.over(id)).toMatchObject({ state: 'completed' });
  return id;
};
const pathsOf = async (service: string): Promise<string[]> => {
  const contract = await acceptedDesign(org, service, 'openapi');
  const { paths } = JSON.parse(contract?.value.content ?? '{}') as { paths?: object };
  return Object.keys(paths ?? {});
};

describe('a task on a service that exists', () => {
  test('gets what was accepted for it, extends it, and needs no approval for what it adds', async () => {
    await completed({ title: 'Store invoices with their receipts', category: 'api-design', service: 'invoices' });
    const before = await pathsOf('invoices');
    const mentioned = team.mentions('accepted-openapi: openapi');
    const id = await completed({
      title: 'Let members comment on payments',
      category: 'api-design',
      service: 'invoices',
    });
    expect(mentioned()).toBeGreaterThan(0);
    const after = await pathsOf('invoices');
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.length).toBeGreaterThan(before.length);
    expect(await approvalsOfTask(org, id)).toEqual([]);
    expect((await getReport(org, id)).status).toBe('completed');
  });

  test('is found when the caller names no service, which was called what its boundaries say', async () => {
    const plan = [
      { id: 'boundaries', specialist: 'api-designer', title: 'Boundaries', artifactKind: 'service-boundaries' },
      {
        id: 'contract',
        specialist: 'api-designer',
        title: 'Contract',
        artifactKind: 'openapi',
        dependsOn: ['boundaries'],
      },
    ];
    await completed({ title: 'Keep recipes', category: 'api-design', plan });
    expect((await pathsOf('recipe-service')).length).toBeGreaterThan(0);
    const id = await completed({ title: 'Add ratings to recipes', category: 'api-design', plan });
    expect((await team.stored(id)).value.analysis?.service).toBe('recipe-service');
    const briefs = (await listAssignments(org, id)).map(({ brief }) => brief.service);
    expect(briefs).toEqual(['recipe-service', 'recipe-service']);
  });

  test('of another org learns nothing of it (C8)', async () => {
    const other = randomOrg();
    const stranger = await startTeam(other);
    const mentioned = stranger.mentions('accepted-');
    const { id } = await stranger.submit({ title: 'Pay invoices', category: 'api-design', service: 'invoices' }, other);
    expect((await stranger.over(id)).state).toBe('completed');
    expect(mentioned()).toBe(0);
    await stranger.stop();
  });
});
