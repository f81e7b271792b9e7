import { expect, test } from '@jest/globals';
import { randomOrg, serviceDatabase } from '../harness.ts';
import { commit } from '../../../src/platform/firestore.ts';

const database = serviceDatabase();

test('a commit that the database will never take fails for good, and nothing of it is written', async () => {
  const things = database.collection(`orgs/${randomOrg()}/things`);
  const tooLarge = commit((batch) => {
    batch.create(things.doc('small'), { text: 'a' });
    batch.create(things.doc('large'), { text: 'a'.repeat(1_100_000) });
  });
  await expect(tooLarge).rejects.toMatchObject({ row: { code: 'store.refused', retry: 'never' } });
  expect((await things.get()).size).toBe(0);
});
