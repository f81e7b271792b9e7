import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { taskStates, type TaskId } from '../coordination/schemas.ts';
import { isTaskOver } from '../coordination/task-state.ts';
import { orgId } from '../platform/schemas.ts';
import { keyOfCaller } from '../platform/idempotency.ts';
import { nextRun } from './cron.ts';
import { schedule, type Schedule, type ScheduleRun } from './schemas.ts';
import { changed, mustSkip, requestedRun, settled, skipped, slotDue, slotRun, switched, upcoming } from './slots.ts';

const made = new Date('2026-01-01T00:00:00Z');
const minuteMs = 60_000;

const scheduleWith = (fields: Partial<Schedule> = {}): Schedule => {
  const record = {
    id: 'sch_00000000000000000000',
    org: orgId.parse('org-1'),
    name: 'Nightly',
    cron: '0 2 * * *',
    timeZone: 'UTC',
    submission: { title: 'Review' },
    requestHash: 'h',
    lastRunAt: null,
    lastTask: null,
    lastError: null,
    lastSkippedAt: null,
    createdBy: 'u',
    createdAt: made,
    updatedAt: made,
    ...fields,
  };
  return schedule.parse({ nextRunAt: nextRun(record.cron, record.timeZone, made), ...record });
};

const taskNumbered = (number: number) => `tsk_${String(number).padStart(20, '0')}` as TaskId;
const done = (run: ScheduleRun, number = 1): ScheduleRun => ({ ...run, request: null, task: taskNumbered(number) });

describe('a slot', () => {
  const patterns = fc.constantFrom('*/5 * * * *', '0 2 * * *', '30 2 * * 1-5', '0 0 1 * *', '17 */3 * * *');
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York');
  const gaps = fc.array(fc.integer({ min: 1, max: 40 * 24 * 60 * minuteMs }), { minLength: 1, maxLength: 12 });

  test('is run once, in order, the latest only, however irregularly the sweeper looks (S1, S2)', () => {
    fc.assert(
      fc.property(patterns, zones, gaps, (cron, timeZone, waits) => {
        let now = made;
        let current = scheduleWith({ cron, timeZone });
        const slots: number[] = [made.getTime()];
        for (const wait of waits) {
          now = new Date(now.getTime() + wait);
          const slot = slotDue(current, now);
          if (!slot) {
            expect(current.nextRunAt?.getTime()).toBeGreaterThan(now.getTime());
            continue;
          }
          expect(slot.getTime()).toBeGreaterThan(slots.at(-1) ?? Infinity);
          expect(slot.getTime()).toBeLessThanOrEqual(now.getTime());
          expect(nextRun(cron, timeZone, slot)?.getTime()).toBeGreaterThan(now.getTime());
          current = settled(current, done(slotRun(current, slot, now)));
          expect(slotDue(current, now)).toBeNull();
          slots.push(slot.getTime());
        }
      }),
    );
  });

  test('is not due before its time, nor while the schedule is disabled', () => {
    const daily = scheduleWith();
    expect(slotDue(daily, new Date('2026-01-01T01:59:59.999Z'))).toBeNull();
    expect(slotDue(daily, new Date('2026-01-01T02:00:00Z'))).toEqual(new Date('2026-01-01T02:00:00Z'));
    expect(slotDue(switched(daily, false, made), new Date('2026-02-01T00:00:00Z'))).toBeNull();
  });

  test('has one run whoever begins it and when, and other slots have other runs', () => {
    const daily = scheduleWith();
    const [first, second] = upcoming(daily, 2);
    const run = slotRun(daily, first ?? made, made);
    expect(slotRun(daily, first ?? made, new Date('2026-01-02T00:00:00Z')).id).toBe(run.id);
    expect(slotRun(daily, second ?? made, made).id).not.toBe(run.id);
  });

  test('that is left out moves the schedule on and nothing else', () => {
    const daily = scheduleWith({ lastTask: taskNumbered(1) });
    const slot = new Date('2026-01-01T02:00:00Z');
    const expected = { ...daily, lastSkippedAt: slot, nextRunAt: new Date('2026-01-02T02:00:00Z') };
    expect(skipped(daily, slot)).toEqual(expected);
  });
});

test.each(taskStates)(
  'a last task that is %s keeps a slot from running unless it is over, or overlap is allowed',
  (state) => {
    expect(mustSkip(scheduleWith({ overlap: 'skip' }), state)).toBe(!isTaskOver({ state }));
    expect(mustSkip(scheduleWith({ overlap: 'allow' }), state)).toBe(false);
  },
);

describe('a run', () => {
  test('hands in the submission with a deadline from when it begins', () => {
    const now = new Date('2026-01-01T09:00:00Z');
    const daily = scheduleWith({ deadlineMinutes: 90 });
    const run = slotRun(daily, new Date('2026-01-01T02:00:00Z'), now);
    expect(run.request).toEqual({ ...daily.submission, deadline: '2026-01-01T10:30:00.000Z' });
    expect(slotRun(scheduleWith(), made, now).request).not.toHaveProperty('deadline');
  });

  test('at somebody’s request is the same for the same key, another without one, and moves no slot', () => {
    const daily = scheduleWith();
    const request = { key: keyOfCaller('u', 'k'), by: 'u', now: made };
    const { id } = requestedRun(daily, request);
    expect(requestedRun(daily, { ...request, now: new Date() }).id).toBe(id);
    const others = [
      { ...request, key: keyOfCaller('u', 'l') },
      { ...request, key: keyOfCaller('v', 'k') },
      { ...request, key: undefined },
      { ...request, key: undefined },
    ];
    expect(new Set([id, ...others.map((other) => requestedRun(daily, other).id)]).size).toBe(5);
    expect(settled(daily, done(requestedRun(daily, request))).nextRunAt).toEqual(daily.nextRunAt);
  });

  test('that is refused leaves its reason and the task before it; the next success clears the reason', () => {
    const daily = scheduleWith({ lastTask: taskNumbered(1) });
    const error = { code: 'coordination.invalid_plan', detail: 'No.', at: made };
    const refused = settled(daily, { ...slotRun(daily, new Date('2026-01-01T02:00:00Z'), made), error });
    expect(refused).toMatchObject({ lastError: error, lastTask: taskNumbered(1) });
    const next = slotRun(refused, new Date('2026-01-02T02:00:00Z'), new Date('2026-01-02T02:00:00Z'));
    expect(settled(refused, done(next, 2))).toMatchObject({ lastError: null, lastTask: taskNumbered(2) });
  });

  test('that is settled twice is settled once', () => {
    const daily = scheduleWith();
    const run = done(slotRun(daily, new Date('2026-01-01T02:00:00Z'), new Date('2026-01-01T02:00:30Z')));
    expect(settled(settled(daily, run), run)).toEqual(settled(daily, run));
  });

  test('that is settled late undoes no later run, no edit and no pause (S3)', () => {
    const daily = scheduleWith();
    const slot = new Date('2026-01-01T02:00:00Z');
    const late = done(slotRun(daily, slot, slot));
    const asked = done(requestedRun(daily, { key: undefined, by: 'u', now: new Date('2026-01-01T03:00:00Z') }), 2);
    expect(settled(settled(daily, asked), late)).toMatchObject({
      lastTask: taskNumbered(2),
      lastRunAt: asked.beganAt,
      nextRunAt: new Date('2026-01-02T02:00:00Z'),
    });
    const paused = switched(daily, false, slot);
    expect(settled(paused, late)).toMatchObject({ enabled: false, nextRunAt: null, lastTask: taskNumbered(1) });
    const moved = changed(daily, { cron: '0 4 * * *' }, new Date('2026-01-01T02:01:00Z'));
    expect(settled(moved, late)).toMatchObject({ cron: '0 4 * * *', nextRunAt: new Date('2026-01-01T04:00:00Z') });
  });
});

describe('an edit', () => {
  const now = new Date('2026-01-01T12:00:00Z');

  test('of the times counts from now; what was due at the old ones is not run', () => {
    const later = changed(scheduleWith(), { timeZone: 'America/New_York' }, now);
    expect(later.nextRunAt).toEqual(new Date('2026-01-02T07:00:00Z'));
  });

  test('of anything else leaves what is due due, and what is left out as it is', () => {
    const daily = scheduleWith({ deadlineMinutes: 5 });
    expect(changed(daily, { name: 'Renamed' }, now)).toEqual({ ...daily, name: 'Renamed', updatedAt: now });
    expect(changed(daily, { deadlineMinutes: null }, now).deadlineMinutes).toBeNull();
  });

  test('of a paused schedule does not wake it', () => {
    const paused = switched(scheduleWith(), false, now);
    expect(changed(paused, { cron: '* * * * *' }, now).nextRunAt).toBeNull();
  });
});

test('a schedule that is resumed goes on from then; resuming it again changes nothing', () => {
  const paused = switched(scheduleWith(), false, made);
  const resumed = switched(paused, true, new Date('2026-03-01T12:00:00Z'));
  expect([paused.nextRunAt, upcoming(paused, 5), resumed.nextRunAt]).toEqual([
    null,
    [],
    new Date('2026-03-02T02:00:00Z'),
  ]);
  expect(switched(resumed, true, new Date('2026-04-01T00:00:00Z'))).toBe(resumed);
});
