// One org's large records do not take the memory of a function that serves all orgs. Each record here is as large as a document can
// be, or nearly: some of them, such as a schedule, are accepted only when they are smaller, but were not always.
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { overlapMs } from '../../../src/coordination/event-cursor.ts';
import { someAssignment, someResult, someTask } from '../../../src/coordination/test-records.ts';
import { createSchedule } from '../../../src/scheduling/create-schedule.ts';
import { scheduleSettings } from '../../../src/scheduling/schemas.ts';
import { peakOf, type Work } from '../../support/peak-memory.ts';
import { randomOrg, serviceDatabase } from '../harness.ts';

jest.setTimeout(300_000);

const database = serviceDatabase();
const hourMs = 60 * 60_000;
const now = new Date();
const soon = new Date(now.getTime() + hourMs);
const earlier = new Date(now.getTime() - hourMs);
/** Before what a listener reads again when it begins, however long the tests before took. */
const longAgo = new Date(now.getTime() - 2 * overlapMs);

const measured = (
  work: string,
  memory: number,
  argument: unknown = null,
): Promise<{ peakMiB: number; result: unknown }> =>
  peakOf({ module: fileURLToPath(new URL('work.ts', import.meta.url)), work, memory, argument } satisfies Work);

const idOf = (prefix: string, nth: number) => `${prefix}_${String(nth).padStart(20, '0')}`;
const plan = Array.from({ length: 108 }, (_, nth) => ({
  id: `a-${nth}`,
  specialist: 'nodejs-expert',
  title: 'Implement',
  instructions: 'x'.repeat(8_000),
  artifactKind: 'typescript',
  dependsOn: [],
}));
const submission = { title: 'Large', description: '', planning: 'template', plan };

/** The emulator takes less in one commit than production does. */
const write = async (path: (nth: number) => string, records: readonly object[]): Promise<void> => {
  for (let begin = 0; begin < records.length; begin += 3) {
    const batch = database.batch();
    records.slice(begin, begin + 3).forEach((record, index) => batch.create(database.doc(path(begin + index)), record));
    await batch.commit();
  }
};
const times = <T>(count: number, make: (nth: number) => T): T[] => Array.from({ length: count }, (_, nth) => make(nth));

test('a hundred large schedules are run within the memory of runSchedules', async () => {
  const org = randomOrg();
  const settings = scheduleSettings.parse({ name: 'Large', cron: '0 * * * *', submission: { title: 'Large' } });
  const { value } = await createSchedule({ org, settings, createdBy: 'u', now: new Date(now.getTime() - 2 * hourMs) });
  const copies = times(99, (nth) => ({ ...value, id: idOf('sch', nth), submission, wakeAt: value.nextRunAt }));
  await write((nth) => `orgs/${org}/schedules/${idOf('sch', nth)}`, copies);
  const { peakMiB } = await measured('runSchedules', 512);
  expect(peakMiB).toBeLessThan(400);
  const runs = await database.collection(`orgs/${org}/scheduleRuns`).where('task', '!=', null).count().get();
  expect(String(runs.data().count)).toBe('100');
});

describe('a hundred large tasks that wait', () => {
  const org = randomOrg();
  beforeAll(async () => {
    const waiting = times(100, (nth) => ({
      ...someTask({ state: 'submitted', active: false, width: 108, deadlineAt: soon, createdAt: earlier }),
      id: idOf('tsk', nth),
      org,
      submission,
      queue: { rank: 2, tag: earlier },
      wakeAt: earlier,
    }));
    await write((nth) => `orgs/${org}/tasks/${idOf('tsk', nth)}`, waiting);
  });

  test('are listed within the memory of the API, each once, in pages that end early', async () => {
    const { peakMiB, result } = await measured('listAllTasks', 512, { org });
    expect(result).toEqual({ count: 100, largest: 1 });
    expect(peakMiB).toBeLessThan(400);
  });

  test('are looked at within the memory of sweepTasks', async () => {
    const { peakMiB } = await measured('sweepTasks', 512);
    expect(peakMiB).toBeLessThan(400);
    const left = await database.collection(`orgs/${org}/tasks`).where('wakeAt', '<=', now).count().get();
    expect(String(left.data().count)).toBe('0');
  });
});

describe('a task with large events', () => {
  const org = randomOrg();
  const of = { org, task: idOf('tsk', 1) };
  const count = 200;
  beforeAll(async () => {
    const { task } = of;
    const over = someTask({ state: 'completed', active: false, costNanoUsd: 0n, wakeAt: null });
    await database.doc(`orgs/${org}/tasks/${task}`).create({ ...over, id: task, org });
    const events = times(count, (nth) => ({
      ...{ org, task, stream: 'task', lane: 0, seq: nth + 1, at: now, commit: 'c' },
      ...{
        type: 'task.submitted',
        data: { text: 'x'.repeat(900_000) },
        recordedAt: new Date(longAgo.getTime() + nth),
      },
    }));
    await write((nth) => `orgs/${org}/tasks/${task}/events/task.${String(nth + 1).padStart(6, '0')}`, events);
  });

  test('is read in pages within the memory of the API, each event once', async () => {
    const { peakMiB, result } = await measured('readAllEvents', 512, of);
    expect(result).toBe(count);
    expect(peakMiB).toBeLessThan(400);
  });

  test.each([
    ['a slow reader at the beginning', undefined],
    ['a forged cursor, which nothing follows', '0-zz'],
    ['a forged cursor before all of another lane', `${(longAgo.getTime() - 30_000).toString(36)}-`],
  ])('is followed with %s within the memory of the API', async (_reader, cursor) => {
    const { task } = of;
    await database.doc(`orgs/${org}/tasks/${task}`).update({ state: 'working', wakeAt: soon });
    const { peakMiB } = await measured('followForAWhile', 512, { ...of, cursor, ms: 20_000 });
    await database.doc(`orgs/${org}/tasks/${task}`).update({ state: 'completed', wakeAt: null });
    expect(peakMiB).toBeLessThan(300);
  });
});

describe('a task with two hundred large assignments', () => {
  const org = randomOrg();
  const of = { org, task: idOf('tsk', 2) };
  beforeAll(async () => {
    const { task } = of;
    await database.doc(`orgs/${org}/tasks/${task}`).create({ ...someTask({ deadlineAt: soon }), id: task, org });
    const all = times(200, (nth) => ({
      ...someAssignment({ id: `a-${nth}`, ordinal: nth, state: 'succeeded', deadlineAt: soon, finishedAt: now }),
      ...{ org, task, result: someResult({ artifact: `a-${nth}`, summary: 'x'.repeat(900_000) }) },
    }));
    await write((nth) => `orgs/${org}/tasks/${task}/assignments/a-${nth}`, all);
  });

  test.each([['report'], ['scratchpad'], ['assignments'], ['finish']])(
    'has its %s within the memory of a function',
    async (work) => {
      const { peakMiB } = await measured(work, 512, of);
      expect(peakMiB).toBeLessThan(512);
    },
  );
});
