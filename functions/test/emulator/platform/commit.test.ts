import { expect, test } from '@jest/globals';
import { failNext, randomOrg, serviceDatabase } from '../harness.ts';
import { z } from 'zod';
import { commit, parseSnapshot, readable, readDocument } from '../../../src/platform/firestore.ts';

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

test('a commit that holds what the database does not know fails for good', async () => {
  const things = database.collection(`orgs/${randomOrg()}/things`);
  const reserved = commit((batch) => batch.create(things.doc('one'), { __x__: 1 }));
  await expect(reserved).rejects.toMatchObject({ row: { code: 'store.refused', status: 500, retry: 'never' } });
  failNext('firestore.commit', 3);
  const refused = commit((batch) => batch.create(things.doc('two'), { text: 'a' }));
  await expect(refused).rejects.toMatchObject({ row: { code: 'store.refused', status: 500, retry: 'never' } });
});

test.each([
  ['CANCELLED', 1],
  ['UNKNOWN', 2],
  ['DEADLINE_EXCEEDED', 4],
  ['INTERNAL', 13],
  ['UNAVAILABLE', 14],
])('after %s nobody knows whether a commit was made, and a read may be tried again', async (_, code) => {
  const thing = database.doc(`orgs/${randomOrg()}/things/one`);
  failNext('firestore.commit', code);
  const unanswered = commit((batch) => batch.create(thing, { text: 'a' }));
  await expect(unanswered).rejects.toMatchObject({ row: { code: 'store.outcome_unknown', retry: 'later' } });
  failNext('firestore.read', code);
  await expect(readDocument(thing)).rejects.toMatchObject({ row: { code: 'store.unavailable', retry: 'later' } });
});

test('a record that names another org than the one it lies under is taken for broken (C8)', async () => {
  const [org, other] = [randomOrg(), randomOrg()];
  const things = database.collection(`orgs/${org}/things`);
  await Promise.all([
    things.doc('right').set({ org }),
    things.doc('wrong').set({ org: other }),
    things.doc('none').set({}),
  ]);
  const named = z.object({ org: z.string().optional() });
  const [right, wrong, none] = await Promise.all(['right', 'wrong', 'none'].map((id) => readDocument(things.doc(id))));
  if (!right || !wrong || !none) throw new Error('They were written.');
  expect([parseSnapshot(named, right).value, parseSnapshot(named, none).value]).toEqual([{ org }, {}]);
  expect(() => parseSnapshot(named, wrong)).toThrow('org: is not that of its path');
  expect(readable(named, wrong)).toEqual([]);
});

test('the error of a record with an unknown field does not say its name, which is content', async () => {
  const thing = database.doc(`orgs/${randomOrg()}/things/one`);
  await thing.set({ a: { hunter2: 'hunter2' } });
  const stored = await readDocument(thing);
  const read = () => parseSnapshot(z.object({ a: z.strictObject({}) }), stored);
  expect(read).toThrow('a: has a field that is not known');
  expect(read).not.toThrow('hunter2');
});
