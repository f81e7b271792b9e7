// What the checker of `proof/check` reads of a database; what it makes of it is in its own tests.
import { describe, expect, test } from '@jest/globals';
import { checkInvariants } from '../../../../proof/check/index.ts';
import { randomOrg, serviceDatabase } from '../harness.ts';

const database = serviceDatabase();

const violations = async (input: { orgs: readonly string[]; areAlone?: boolean }) => {
  const found = await checkInvariants({ database, providerRequests: [], ...input });
  return found.filter(({ invariant }) => invariant === 'C8').map(({ org, detail }) => `${org}: ${detail}`);
};

describe('the checker', () => {
  test('sees a document of another org at any depth, also where nothing is above it (C8)', async () => {
    const org = randomOrg();
    const paths = ['', '/schedules/s', '/tasks/t/padSections/s/padRevisions/000001'].map(
      (path) => `orgs/${org}${path}`,
    );
    for (const path of paths) await database.doc(path).set({ org: 'other' });
    expect(await violations({ orgs: [org] })).toEqual(
      paths.slice(1).map((path) => `${org}: ${path} carries the org "other"`),
    );
  });

  test('reads nothing of an org whose name begins with the same letters', async () => {
    const org = randomOrg();
    for (const path of [`orgs/${org}-2/a/b`, `orgs/${org}2/a/b`]) await database.doc(path).set({ org: 'other' });
    expect(await violations({ orgs: [org] })).toEqual([]);
  });

  test('sees an org that nobody works in, where the database holds no other (C8)', async () => {
    const [org, stray] = [randomOrg(), randomOrg()];
    await database.doc(`orgs/${stray}/tasks/t/events/e`).set({ org: stray });
    const detail = `${stray}: something is stored under it, and nobody works in it`;
    expect(await violations({ orgs: [org], areAlone: true })).toContain(detail);
    expect(await violations({ orgs: [org] })).toEqual([]);
  });
});
