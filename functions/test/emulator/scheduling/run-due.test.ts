// The sweeper, at one time for the whole suite, about the real one: what is due was made for the past and is not left due.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { observe, randomOrg, serviceDatabase } from '../harness.ts';
import { cancelTask, listTasks } from '../../../src/coordination/index.ts';
import type { CrossingKind, CrossingObserver } from '../../../src/platform/crossings.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import {
  changeSchedule,
  getSchedule,
  removeSchedule,
  switchSchedule,
} from '../../../src/scheduling/change-schedule.ts';
import { createSchedule } from '../../../src/scheduling/create-schedule.ts';
import { listRuns } from '../../../src/scheduling/list-runs.ts';
import { runDueSchedules } from '../../../src/scheduling/run-due-schedules.ts';
import { runDueSlot, runNow } from '../../../src/scheduling/run-schedule.ts';
import { scheduleSettings, type Schedule, type ScheduleId } from '../../../src/scheduling/schemas.ts';

const database = serviceDatabase();
const hourMs = 60 * 60_000;

const now = new Date();
let org: OrgId;
beforeEach(() => {
  org = randomOrg();
});
afterEach(() => observe(undefined));

const hours = (count: number) => new Date(now.getTime() + count * hourMs);
const lastFullHour = new Date(Math.floor(now.getTime() / hourMs) * hourMs);
const minutesPast = (count: number) => new Date(lastFullHour.getTime() + count * 60_000);

/** Runs every hour, and was made that many hours ago. */
const hourly = async (hoursAgo: number, settings: object = {}): Promise<ScheduleId> => {
  const parsed = scheduleSettings.parse({
    name: 'Hourly',
    cron: '0 * * * *',
    submission: { title: 'Look around' },
    ...settings,
  });
  const request = { org, settings: parsed, createdBy: 'u', now: hours(-hoursAgo) };
  return (await createSchedule(request)).value.id;
};
const stored = async (id: ScheduleId) => (await getSchedule(org, id)).value;
const tasks = async () => (await listTasks(org, { pageSize: 50 })).tasks;
const runs = async (id: ScheduleId) => (await listRuns(org, id, { pageSize: 50 })).records;

const handIn = (title: string) => ({ title, description: '', planning: 'template' as const });
const unknownAgent = {
  title: 'Nobody can do this',
  plan: [{ id: 'a', specialist: 'nobody', title: 'A', artifactKind: 'markdown' }],
};

describe('a schedule that is due', () => {
  test('hands in a task, and moves on to the slot after it', async () => {
    const id = await hourly(1, { deadlineMinutes: 20 });
    await runDueSchedules(now);
    const [task, ...others] = await tasks();
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      submission: { title: 'Look around' },
      submittedBy: { channel: 'schedule', schedule: id },
      deadlineAt: hours(1 / 3),
    });
    expect(await stored(id)).toMatchObject({
      lastTask: task?.id,
      lastRunAt: now,
      lastError: null,
      nextRunAt: minutesPast(60),
    });
  });

  test('after an outage runs its latest slot only', async () => {
    const id = await hourly(30, { overlap: 'allow' });
    await runDueSchedules(now);
    await runDueSchedules(now);
    expect(await tasks()).toHaveLength(1);
    expect(await runs(id)).toMatchObject([{ slot: lastFullHour, request: null }]);
  });

  test('makes one task when several sweepers find it at once (C9)', async () => {
    const id = await hourly(1);
    await Promise.all(Array.from({ length: 5 }, () => runDueSchedules(now)));
    const [task, ...others] = await tasks();
    expect([others, (await stored(id)).lastTask]).toEqual([[], task?.id]);
  });

  test('makes one task when a sweeper comes late with what it read before (C9)', async () => {
    const id = await hourly(1, { overlap: 'allow' });
    const before = await getSchedule(org, id);
    await runDueSchedules(now);
    const after = await stored(id);
    await runDueSlot(before, now);
    expect([(await tasks()).length, await stored(id)]).toEqual([1, after]);
  });

  test('is left alone when it is paused or deleted', async () => {
    const [paused, deleted] = [await hourly(1), await hourly(1)];
    await switchSchedule(org, paused, { enabled: false, now });
    await removeSchedule(org, deleted, (await getSchedule(org, deleted)).revision);
    await runDueSchedules(now);
    expect(await tasks()).toEqual([]);
  });
});

describe('while the last task is not over', () => {
  test('a slot is left out, and the first one after it is over runs', async () => {
    const id = await hourly(4);
    await runDueSchedules(hours(-2));
    const [first] = await tasks();
    await runDueSchedules(hours(-1));
    const skipping = await stored(id);
    expect(skipping).toMatchObject({ lastTask: first?.id, lastSkippedAt: minutesPast(-60) });
    if (first) await cancelTask(org, first.id, { by: 'u' });
    await runDueSchedules(now);
    expect(await tasks()).toHaveLength(2);
    expect((await stored(id)).lastTask).not.toBe(first?.id);
  });

  test('a slot runs all the same where overlap is allowed', async () => {
    await hourly(4, { overlap: 'allow' });
    await runDueSchedules(hours(-1));
    await runDueSchedules(now);
    expect(await tasks()).toHaveLength(2);
  });

  test('a task that somebody asked for counts', async () => {
    const id = await hourly(1);
    await runNow(org, id, { key: undefined, by: 'u', now });
    await runDueSchedules(now);
    expect((await stored(id)).lastSkippedAt).toEqual(lastFullHour);
    expect(await tasks()).toHaveLength(1);
  });
});

describe('a submission that is refused', () => {
  test('is kept with its reason, and tried again only at the next slot', async () => {
    const id = await hourly(3, { submission: unknownAgent });
    await runDueSchedules(hours(-1));
    const lastError = {
      code: 'coordination.invalid_plan',
      detail: expect.stringContaining('#/plan/0/specialist') as unknown,
      at: hours(-1),
    };
    const refused = await stored(id);
    expect(refused).toMatchObject({ lastError, lastTask: null, nextRunAt: lastFullHour });
    await runDueSchedules(hours(-1));
    expect(await stored(id)).toEqual(refused);
    expect(await runs(id)).toMatchObject([{ task: null, error: lastError, request: { title: unknownAgent.title } }]);
    const { revision } = await getSchedule(org, id);
    await changeSchedule(org, id, { changes: { submission: handIn('Possible') }, seen: revision, now });
    await runDueSchedules(now);
    const [task] = await tasks();
    expect(await stored(id)).toMatchObject({ lastError: null, lastTask: task?.id });
  });

  test('is not tried again by a sweeper that comes late with what it read before', async () => {
    const id = await hourly(1, { submission: unknownAgent });
    const before = await getSchedule(org, id);
    await runDueSchedules(minutesPast(1));
    const refused = await stored(id);
    await runDueSlot(before, minutesPast(2));
    expect([refused.lastError?.at, await stored(id)]).toEqual([minutesPast(1), refused]);
  });
});

describe('a sweeper that dies', () => {
  /** Dies at its `nth` commit, before or after it was made, and does nothing from then on. */
  const dying = (when: 'before' | 'after', nth: number): CrossingObserver & { readonly died: () => boolean } => {
    let [commits, dead] = [0, false];
    const meet = (at: 'before' | 'after') => (kind: CrossingKind) => {
      if (kind === 'firestore.commit' && at === 'before') commits++;
      if (kind === 'firestore.commit' && at === when && commits === nth) dead = true;
      if (dead) throw new Error('The process is gone.');
    };
    return { before: meet('before'), after: meet('after'), died: () => dead };
  };

  // The commits of a run: it is on record, its task is, it is settled.
  const deaths = [1, 2, 3].flatMap((nth) => [
    { when: 'before' as const, nth },
    { when: 'after' as const, nth },
  ]);

  test.each(deaths)(
    '$when commit $nth of a run leaves what the next one turns into one task',
    async ({ when, nth }) => {
      const id = await hourly(1, { deadlineMinutes: 30 });
      const observer = dying(when, nth);
      observe(observer);
      await runDueSchedules(now);
      observe(undefined);
      expect(observer.died()).toBe(true);
      await runDueSchedules(now);
      const [task, ...others] = await tasks();
      expect(others).toEqual([]);
      expect(await stored(id)).toMatchObject({ lastTask: task?.id, lastError: null });
      expect((await stored(id)).nextRunAt?.getTime()).toBeGreaterThan(now.getTime());
      expect(await runs(id)).toMatchObject([{ task: task?.id, request: null }]);
    },
  );

  test('with its task made leaves that one task, though the schedule was edited meanwhile', async () => {
    const id = await hourly(1);
    observe(dying('after', 2));
    await runDueSchedules(now);
    observe(undefined);
    const { revision } = await getSchedule(org, id);
    await changeSchedule(org, id, { changes: { submission: handIn('Edited') }, seen: revision, now });
    await runDueSchedules(now);
    const [task, ...others] = await tasks();
    expect([task?.submission.title, others, (await stored(id)).lastTask]).toEqual(['Look around', [], task?.id]);
  });

  test('with its task made leaves that one task, though its deadline passed before anybody looked again', async () => {
    const id = await hourly(1, { deadlineMinutes: 10 });
    observe(dying('after', 2));
    await runDueSchedules(minutesPast(1));
    observe(undefined);
    await runDueSchedules(minutesPast(31));
    const [task, ...others] = await tasks();
    expect(task?.deadlineAt).toEqual(minutesPast(11));
    expect([others, await stored(id)]).toMatchObject([[], { lastTask: task?.id, lastError: null }]);
  });

  test('with its task made leaves a run that is finished before the next minute’s slot, which is left out', async () => {
    const id = await hourly(1, { cron: '* * * * *' });
    await switchSchedule(org, id, { enabled: false, now: hours(-1) });
    await switchSchedule(org, id, { enabled: true, now: minutesPast(-1) });
    observe(dying('after', 2));
    await runDueSchedules(minutesPast(0));
    observe(undefined);
    await runDueSchedules(minutesPast(1));
    const [task, ...others] = await tasks();
    expect(others).toEqual([]);
    expect(await runs(id)).toMatchObject([{ slot: minutesPast(0), task: task?.id, request: null }]);
    expect(await stored(id)).toMatchObject({ lastTask: task?.id, lastSkippedAt: minutesPast(1) });
  });

  test('after an outage leaves a run that is finished before the slot after it, which is left out', async () => {
    const id = await hourly(30);
    observe(dying('after', 3));
    await runDueSchedules(minutesPast(-60));
    observe(undefined);
    await runDueSchedules(now);
    const [task, ...others] = await tasks();
    expect(others).toEqual([]);
    expect(await runs(id)).toMatchObject([{ slot: minutesPast(-60), task: task?.id, request: null }]);
    expect(await stored(id)).toMatchObject({ lastTask: task?.id, lastSkippedAt: lastFullHour });
  });

  test('finds the schedule deleted when it is repeated, and settles the run alone', async () => {
    const id = await hourly(1);
    const before = await getSchedule(org, id);
    await removeSchedule(org, id, before.revision);
    await runDueSlot(before, now);
    expect(await tasks()).toHaveLength(1);
    await expect(getSchedule(org, id)).rejects.toMatchObject({ row: { code: 'scheduling.schedule_not_found' } });
  });
});

test('a record that does not fit keeps no other from being run', async () => {
  const broken = database.doc(`orgs/${org}/schedules/broken`);
  await broken.create({ org, wakeAt: hours(-48) });
  const id = await hourly(1);
  await runDueSchedules(now);
  expect((await stored(id)).lastTask).not.toBeNull();
  await broken.delete();
});

test('more schedules than one slice takes are all run', async () => {
  const other = randomOrg();
  const settings = scheduleSettings.parse({ name: 'Many', cron: '0 * * * *', submission: { title: 'One of many' } });
  const ids: Pick<Schedule, 'org' | 'id'>[] = [];
  const fill = async (each: OrgId) => {
    for (let nth = 0; nth < 60; nth++) {
      const { value } = await createSchedule({ org: each, settings, createdBy: 'u', now: hours(-1) });
      ids.push(value);
    }
  };
  await Promise.all([fill(org), fill(other)]);
  await runDueSchedules(now);
  const after = await Promise.all(ids.map((each) => getSchedule(each.org, each.id)));
  expect(after.filter(({ value }) => value.lastTask === null)).toEqual([]);
});

test('schedules that are not due cost a sweep nothing', async () => {
  await Promise.all(Array.from({ length: 10 }, () => hourly(0)));
  let units = 0;
  observe({ before: () => undefined, after: (_kind, done) => void (units += done) });
  await runDueSchedules(now);
  expect(units).toBe(1);
});
