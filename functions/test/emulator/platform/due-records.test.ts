import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import type { SweepLimits } from '../../../src/platform/due-records.ts';

// The logger keeps the console's methods when it is loaded, so the recorder must be in place before.
const errors: Record<string, unknown>[] = [];
console.error = (line: string) => void errors.push(JSON.parse(line) as Record<string, unknown>);
const { putUnreadable, randomOrg, serviceDatabase } = await import('../harness.ts');
const { handleDue } = await import('../../../src/platform/due-records.ts');
const { dueDeliveries } = await import('../../../src/communication/deliveries.firestore.ts');
const { forgottenMessages } = await import('../../../src/communication/messages.firestore.ts');
const { tasksToWake } = await import('../../../src/coordination/task-store.firestore.ts');
const { approvalsToWake } = await import('../../../src/governance/approvals/approvals.firestore.ts');
const { escalationsToWake } = await import('../../../src/governance/escalations/escalations.firestore.ts');
const { signalsLeftBehind } = await import('../../../src/governance/escalations/signals.firestore.ts');
const { dueSchedules } = await import('../../../src/scheduling/schedules.firestore.ts');

const database = serviceDatabase();
const thing = z.object({ rank: z.int() });
const until = new Date();
/** What an org may have before the search goes on without it. */
const share = 100;

/** A collection group of the test's own, and how much of it a sweep handles. */
const things = () => {
  const collection = `things${randomBytes(6).toString('hex')}`;
  const due = { schema: thing, collection, field: 'wakeAt', until };
  const create = async (org: string, ranks: readonly unknown[], wakeAt = (rank: number) => new Date(rank)) => {
    const batch = database.batch();
    const all = database.collection(`orgs/${org}/${collection}`);
    ranks.forEach((rank) => batch.create(all.doc(), { org, rank, wakeAt: wakeAt(Number(rank)) }));
    await batch.commit();
    return all;
  };
  const handled = async (limits?: SweepLimits): Promise<number[]> => {
    const ranks: number[] = [];
    await handleDue(due, ({ value }) => Promise.resolve(void ranks.push(value.rank)), limits);
    return ranks;
  };
  return { due, create, handled };
};

const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

test('what is due is handled once and in order, though nothing about it changes', async () => {
  const { create, handled } = things();
  await create(randomOrg(), from(0, 4 * share + 1));
  expect(await handled()).toEqual(from(0, 4 * share + 1));
});

test('what cannot be read does not hold up what is behind it', async () => {
  const { create, handled } = things();
  await create(randomOrg(), [...from(1, 2 * share).map((each) => each + 0.5), 1_000]);
  expect(await handled()).toEqual([1_000]);
});

test('a sweep ends after so many records', async () => {
  const { create, handled } = things();
  await create(randomOrg(), from(0, share + 2));
  expect(await handled({ most: share + 1 })).toEqual(from(0, share + 1));
});

test('the orgs take turns, and none waits for all that is due of another', async () => {
  const { create, handled } = things();
  await create(randomOrg(), from(0, 5 * share));
  await create(randomOrg(), from(10_000, 2));
  await create(randomOrg(), from(20_000, 2));
  const first = await handled({ most: 7 });
  expect(first).toEqual([0, 10_000, 20_000, 1, 10_001, 20_001, 2]);
  expect((await handled()).toSorted((a, b) => a - b)).toEqual([...from(0, 5 * share), 10_000, 10_001, 20_000, 20_001]);
});

test('one whose handling fails is logged, and holds up no other', async () => {
  const { due, create } = things();
  const all = await create(randomOrg(), from(0, 3));
  errors.splice(0);
  const handled: number[] = [];
  await handleDue(due, ({ value: { rank } }) => {
    if (rank === 0) return Promise.reject(new Error('refused by the test'));
    return Promise.resolve(void handled.push(rank));
  });
  expect(handled).toEqual([1, 2]);
  expect(errors).toEqual([expect.objectContaining({ path: expect.stringContaining(all.path) as unknown })]);
});

test('what another sweeper has put off meanwhile is left alone', async () => {
  const { due, create } = things();
  const all = await create(randomOrg(), from(0, 9));
  const handled: number[] = [];
  await handleDue(
    due,
    async ({ value: { rank } }) => {
      handled.push(rank);
      const [last] = (await all.where('rank', '==', 8).get()).docs;
      await last?.ref.update({ wakeAt: new Date(until.getTime() + 60_000) });
    },
    { atOnce: 1 },
  );
  expect(handled).toEqual(from(0, 8));
});

test('a record that cannot be read is logged with its path and the failing field', async () => {
  const { create, handled } = things();
  const { path } = await create(randomOrg(), [0.5]);
  errors.splice(0);
  await handled();
  expect(errors).toEqual([
    expect.objectContaining({
      path: expect.stringContaining(path) as unknown,
      cause: expect.stringContaining(': rank: ') as unknown,
    }),
  ]);
});

test.each([
  ['tasks', tasksToWake],
  ['deliveries', dueDeliveries],
  ['messages', forgottenMessages],
  ['approvals', approvalsToWake],
  ['schedules', dueSchedules],
  ['escalations', escalationsToWake],
  ['escalationSignals', signalsLeftBehind],
])('of %s, those that cannot be read are left out of a sweep', async (collection, due) => {
  const takeAway = await putUnreadable(collection, 1, { wakeAt: new Date(0), at: new Date(0) });
  errors.splice(0);
  let handled = 0;
  await handleDue<unknown>(due(new Date()), () => Promise.resolve(void (handled += 1)));
  await takeAway();
  expect(handled).toBe(0);
  expect(errors).toEqual([expect.objectContaining({ path: expect.stringContaining(`/${collection}/`) as unknown })]);
});
