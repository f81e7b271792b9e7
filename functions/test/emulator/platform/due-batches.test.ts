import { expect, test } from '@jest/globals';
import { z } from 'zod';

// The logger keeps the console's methods when it is loaded, so the recorder must be in place before.
const errors: Record<string, unknown>[] = [];
console.error = (line: string) => void errors.push(JSON.parse(line) as Record<string, unknown>);
const { putUnreadable, randomOrg, serviceDatabase } = await import('../harness.ts');
const { dueBatches, handleDue } = await import('../../../src/platform/due-batches.ts');
const { dueDeliveries } = await import('../../../src/communication/deliveries.firestore.ts');
const { forgottenMessages } = await import('../../../src/communication/messages.firestore.ts');
const { tasksToWake } = await import('../../../src/coordination/task-store.firestore.ts');
const { approvalsToWake } = await import('../../../src/governance/approvals/approvals.firestore.ts');
const { escalationsToWake } = await import('../../../src/governance/escalations/escalations.firestore.ts');
const { signalsLeftBehind } = await import('../../../src/governance/escalations/signals.firestore.ts');
const { dueSchedules } = await import('../../../src/scheduling/schedules.firestore.ts');

const database = serviceDatabase();
const thing = z.object({ rank: z.int() });
const batchSize = 100;

const things = () => database.collection(`orgs/${randomOrg()}/things`);
const byRank = (all: ReturnType<typeof things>) => dueBatches(thing, all.orderBy('rank'));

const handledOf = async (due: ReturnType<typeof byRank>, maxBatches?: number): Promise<number[]> => {
  const handled: number[] = [];
  const handle = ({ value }: { value: { rank: number } }) =>
    Promise.resolve(handled.push(value.rank)).then(() => undefined);
  await handleDue(due, handle, maxBatches);
  return handled;
};

const create = async (all: ReturnType<typeof things>, ranks: readonly unknown[]): Promise<void> => {
  const batch = database.batch();
  ranks.forEach((rank) => batch.create(all.doc(), { rank }));
  await batch.commit();
};

const upTo = (count: number) => Array.from({ length: count }, (_, rank) => rank);

test('what is due is handled once and in order, though nothing about it changes', async () => {
  const all = things();
  await create(all, upTo(2 * batchSize + 1));
  expect(await handledOf(byRank(all))).toEqual(upTo(2 * batchSize + 1));
});

test('full batches that cannot be read neither hold up what is behind them nor use up a sweep', async () => {
  const all = things();
  await create(all, [...upTo(2 * batchSize).map((each) => each - 1_000.5), 7]);
  expect(await handledOf(byRank(all), 1)).toEqual([7]);
});

test('a sweep ends after so many batches', async () => {
  const all = things();
  await create(all, upTo(batchSize + 1));
  expect(await handledOf(byRank(all), 1)).toEqual(upTo(batchSize));
});

test('a record that cannot be read is logged with its path and the failing field', async () => {
  const all = things();
  const { path } = await all.add({ rank: 0.5 });
  errors.splice(0);
  await handledOf(byRank(all));
  expect(errors).toEqual([
    expect.objectContaining({ path, cause: expect.stringContaining(`${path}: rank: `) as unknown }),
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
  const batches: unknown[][] = [];
  for await (const batch of due(new Date())) batches.push(batch);
  await takeAway();
  expect(batches).toEqual([[]]);
  expect(errors).toEqual([expect.objectContaining({ path: expect.stringContaining(`/${collection}/`) as unknown })]);
});
