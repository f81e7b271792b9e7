// What a schedule does when. Pure: a use case writes what is decided here.
//
// S1  A slot is run once: its run's id follows from it, and a run moves `nextRunAt` to a later slot.
// S2  Of the slots missed in an outage only the latest is run: the work is wanted, its backlog is not.
// S3  A run that is settled late never undoes what was decided since: an edit, a pause, a later run.
// S4  A slot's run is begun while `nextRunAt` names the slot, and settled before a later slot is looked at: one that was cut short is
//     found there and finished, and its task is the one that a later slot may overlap with.
import { endedStates, type TaskState } from '../coordination/schemas.ts';
import type { ScopedKey } from '../platform/idempotency.ts';
import { latestRun, nextRun, nextRuns } from './cron.ts';
import { requestedRunId, slotRunId } from './ids.ts';
import type { Schedule, ScheduleChanges, ScheduleRun } from './schemas.ts';

/** The one slot to run now (S2), or null when none is due. */
export const slotDue = ({ cron, timeZone, nextRunAt }: Schedule, now: Date): Date | null => {
  if (!nextRunAt || nextRunAt > now) return null;
  const latest = latestRun(cron, timeZone, now);
  return latest && latest > nextRunAt ? latest : nextRunAt;
};

/** The next runs, the one that is due among them. */
export const upcoming = ({ cron, timeZone, nextRunAt }: Schedule, count: number): Date[] =>
  nextRunAt ? [nextRunAt, ...nextRuns(cron, timeZone, nextRunAt, count - 1)] : [];

const ended: ReadonlySet<TaskState> = new Set<TaskState>(endedStates);

/** Must the slot be left out, given the state of the schedule's last task? */
export const mustSkip = ({ overlap }: Schedule, lastTask: TaskState | undefined): boolean =>
  overlap === 'skip' && lastTask !== undefined && !ended.has(lastTask);

const begun = (schedule: Schedule, now: Date) => ({
  org: schedule.org,
  schedule: schedule.id,
  scheduledBy: schedule.createdBy,
  beganAt: now,
  request: {
    ...schedule.submission,
    ...(schedule.deadlineMinutes !== null && {
      deadline: new Date(now.getTime() + schedule.deadlineMinutes * 60_000).toISOString(),
    }),
  },
  task: null,
  error: null,
});

export const slotRun = (schedule: Schedule, slot: Date, now: Date): ScheduleRun => ({
  ...begun(schedule, now),
  id: slotRunId(schedule.id, slot),
  slot,
  requestedBy: null,
});

export interface RunRequest {
  readonly key: ScopedKey | undefined;
  readonly by: string;
  readonly now: Date;
}

export const requestedRun = (schedule: Schedule, { key, by, now }: RunRequest): ScheduleRun => ({
  ...begun(schedule, now),
  id: requestedRunId(schedule.id, key),
  slot: null,
  requestedBy: by,
});

const pastSlot = (schedule: Schedule, slot: Date | null): Date | null => {
  const { cron, timeZone, nextRunAt } = schedule;
  return slot && nextRunAt && nextRunAt <= slot ? nextRun(cron, timeZone, slot) : nextRunAt;
};

/** The schedule after a run of it has ended, whatever happened to the schedule since the run began (S3). */
export const settled = (schedule: Schedule, { slot, beganAt, task, error }: ScheduleRun): Schedule => {
  const nextRunAt = pastSlot(schedule, slot);
  if (schedule.lastRunAt && schedule.lastRunAt > beganAt) return { ...schedule, nextRunAt };
  return { ...schedule, nextRunAt, lastRunAt: beganAt, lastTask: task ?? schedule.lastTask, lastError: error };
};

export const skipped = (schedule: Schedule, slot: Date): Schedule => ({
  ...schedule,
  lastSkippedAt: slot,
  nextRunAt: pastSlot(schedule, slot),
});

/** An edit. Other times mean other slots, from now on; otherwise what is due stays due. */
export const changed = (schedule: Schedule, changes: ScheduleChanges, now: Date): Schedule => {
  const { name, cron, timeZone, submission, deadlineMinutes, overlap } = schedule;
  const after = {
    ...schedule,
    name: changes.name ?? name,
    cron: changes.cron ?? cron,
    timeZone: changes.timeZone ?? timeZone,
    submission: changes.submission ?? submission,
    deadlineMinutes: changes.deadlineMinutes === undefined ? deadlineMinutes : changes.deadlineMinutes,
    overlap: changes.overlap ?? overlap,
    updatedAt: now,
  };
  const sameTimes = after.cron === cron && after.timeZone === timeZone;
  return sameTimes || !after.enabled ? after : { ...after, nextRunAt: nextRun(after.cron, after.timeZone, now) };
};

/** Switched on or off. On again it goes on from now: what it missed while it was off is not made up for. */
export const switched = (schedule: Schedule, enabled: boolean, now: Date): Schedule => {
  if (schedule.enabled === enabled) return schedule;
  const nextRunAt = enabled ? nextRun(schedule.cron, schedule.timeZone, now) : null;
  return { ...schedule, enabled, nextRunAt, updatedAt: now };
};
