// Edits of a schedule that exists. A person's edit names the revision that it was decided on; switching on or off means the same
// whatever else was edited or run, so it is tried again when it lost a race.
import { AppError, isError } from '../platform/errors.ts';
import { storeErrors, type Revision, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { schedulingErrors } from './errors.ts';
import type { Schedule, ScheduleChanges, ScheduleId } from './schemas.ts';
import { deleteSchedule, findSchedule, updateSchedule } from './schedules.firestore.ts';
import { changed, switched } from './slots.ts';

const maxTries = 5;

/** Throws `scheduling.schedule_not_found`. */
export const getSchedule = async (org: OrgId, id: ScheduleId): Promise<Stored<Schedule>> => {
  const stored = await findSchedule(org, id);
  if (!stored) throw new AppError(schedulingErrors.scheduleNotFound);
  return stored;
};

export interface ChangeSchedule {
  readonly changes: ScheduleChanges;
  /** The revision that the change was decided on. */
  readonly seen: Revision;
  readonly now: Date;
}

/** Throws `scheduling.schedule_not_found`, and `store.conflict` when it is not at the revision that was seen. */
export const changeSchedule = async (
  org: OrgId,
  id: ScheduleId,
  { changes, seen, now }: ChangeSchedule,
): Promise<Stored<Schedule>> => {
  const { value } = await getSchedule(org, id);
  const after = changed(value, changes, now);
  return { value: after, revision: await updateSchedule(after, seen) };
};

/** What it has made stays. Throws `scheduling.schedule_not_found`, and `store.conflict` when it is not at that revision. */
export const removeSchedule = async (org: OrgId, id: ScheduleId, seen: Revision): Promise<void> => {
  await getSchedule(org, id);
  await deleteSchedule(org, id, seen);
};

/** Switches it on or off; doing so twice is harmless. Throws `scheduling.schedule_not_found`. */
export const switchSchedule = async (
  org: OrgId,
  id: ScheduleId,
  { enabled, now }: { enabled: boolean; now: Date },
): Promise<Stored<Schedule>> => {
  for (let tries = 1; ; tries++) {
    const stored = await getSchedule(org, id);
    const after = switched(stored.value, enabled, now);
    if (after === stored.value) return stored;
    try {
      return { value: after, revision: await updateSchedule(after, stored.revision) };
    } catch (error) {
      if (!isError(error, storeErrors.conflict) || tries === maxTries) throw error;
    }
  }
};
