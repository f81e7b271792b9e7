import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { handleSignal } from '../../../src/governance/escalations/climb-ladders.ts';
import { latestOfCause } from '../../../src/governance/escalations/escalations.firestore.ts';
import { causeOf } from '../../../src/governance/escalations/ids.ts';
import { readPolicy, replacePolicy } from '../../../src/governance/index.ts';
import { orgPolicy } from '../../../src/governance/schemas.ts';
import { beforeDatabaseCloses, randomOrg, serviceDatabase } from '../harness.ts';
import { startTeam, type Team } from './team.ts';

serviceDatabase();
const org = randomOrg();
const boss = { uid: 'boss', role: 'main-coordinator' as const };
let team: Team;
beforeAll(async () => {
  team = await startTeam(org);
  const { revision } = await readPolicy(org);
  // Every collection of the stand-in's data models says who made a record.
  const dataClasses = [{ name: 'authors', fields: ['createdBy'], requires: ['security-rules'] }];
  const policy = orgPolicy.parse({ requiredGates: [], dataClasses });
  await replacePolicy(org, { policy, by: boss, seen: revision, now: new Date() });
});
afterEach(() => {
  team.providers.setFaults([]);
});
beforeDatabaseCloses(() => team.stop());

const model = 'firestore-schema';
const rules = 'security-rules';
const made = (kind: string) => ({ id: kind, specialist: 'firebase-specialist', title: kind, artifactKind: kind });

/** What is escalated of the task that made these designs, for collections named after its title. */
const alarmsAfter = async (title: string, kinds: string[], rest: object = {}) => {
  const { id } = await team.submit({ title, category: 'database-schema', plan: kinds.map(made), ...rest });
  expect((await team.over(id)).state).toBe('completed');
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const cause = causeOf({ org, trigger: 'compliance', subject: `${id} ${kind}` });
      await handleSignal(org, cause, new Date());
      return (await latestOfCause(org, cause))?.value;
    }),
  );
  return found.flatMap((each) => each?.evidence.map(({ detail }) => detail) ?? []);
};
const unnamed = expect.stringContaining('the security rules do not name it');

describe('a finished task whose data needs care', () => {
  test('is escalated when nobody wrote security rules, with a service and without', async () => {
    const none = expect.stringContaining('there are no security rules');
    expect(await alarmsAfter('Store recipes', [model])).toEqual([none]);
    expect(await alarmsAfter('Store recipes', [model], { service: 'without-rules' })).toEqual([none]);
  });

  test('is not escalated when its own rules guard every collection', async () => {
    expect(await alarmsAfter('Store recipes', [model, rules])).toEqual([]);
  });

  test('has its model judged by the rules that the service has', async () => {
    const service = { service: 'has-rules' };
    expect(await alarmsAfter('Store recipes', [rules], service)).toEqual([]);
    expect(await alarmsAfter('Store recipes', [model], service)).toEqual([]);
    const other = { service: 'has-other-rules' };
    expect(await alarmsAfter('Store recipes', [rules], other)).toEqual([]);
    expect(await alarmsAfter('Store invoices', [model], other)).toEqual([unnamed]);
  });

  test('has its rules judged by the model that the service has', async () => {
    const service = { service: 'has-model' };
    expect(await alarmsAfter('Store invoices', [model], service)).toHaveLength(1);
    expect(await alarmsAfter('Store recipes', [rules], service)).toEqual([unnamed]);
  });
});
