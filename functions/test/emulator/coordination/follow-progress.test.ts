import { beforeAll, expect, test } from '@jest/globals';
import { followProgress } from '../../../src/coordination/index.ts';
import { approve } from '../../../src/governance/index.ts';
import { approvalId } from '../../../src/governance/schemas.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
});
beforeDatabaseCloses(() => team.stop());

/** A follower looks every 15 s by itself: what comes earlier came because it was told. */
const beforeNextLookMs = 13_000;

test('a follower of the checklist learns of an item that finished work ticks, and of nothing twice', async () => {
  const only = {
    id: 'only',
    specialist: 'api-designer',
    title: 'Only',
    instructions: '[[stand-in: decide=third-party-integration]]',
    artifactKind: 'service-boundaries',
  };
  const next = {
    id: 'next',
    specialist: 'nodejs-expert',
    title: 'Next',
    artifactKind: 'typescript',
    dependsOn: ['only'],
  };
  const { id } = await team.submit({ title: 'One that decides', category: 'performance', plan: [only, next] });
  const wait = await team.waiting(id, 'approval');
  const reader = new AbortController();
  const told: string[][] = [];
  await followProgress(org, id, {
    signal: AbortSignal.any([reader.signal, AbortSignal.timeout(beforeNextLookMs)]),
    onProgress: async (items) => {
      told.push(items.filter(({ done }) => done).map(({ item }) => item));
      if (told.length === 2) return reader.abort();
      const approval = approvalId.parse(wait.id);
      await approve(org, approval, { by: { uid: 'boss', role: 'main-coordinator' }, now: new Date() });
      await team.decided(approval);
    },
  });
  expect(told).toEqual([[], ['Implementation done']]);
});
