// Making a schedule. The document's id follows from the idempotency key, so a replay meets what the first request made.
import { AppError, isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import type { ScopedKey } from '../platform/idempotency.ts';
import type { OrgId } from '../platform/schemas.ts';
import { nextRun } from './cron.ts';
import { schedulingErrors } from './errors.ts';
import { requestHash, scheduleIdFor } from './ids.ts';
import type { Schedule, ScheduleSettings } from './schemas.ts';
import { createSchedule as create, findSchedule } from './schedules.firestore.ts';

export interface CreateSchedule {
  readonly org: OrgId;
  readonly settings: ScheduleSettings;
  readonly key?: ScopedKey | undefined;
  readonly createdBy: string;
  readonly now: Date;
}

/**
 * Makes a schedule, or finds the one that this key brought before. Throws `scheduling.too_many_schedules`, and
 * `scheduling.key_reused` when the key came with another request.
 */
export const createSchedule = async (request: CreateSchedule): Promise<Stored<Schedule> & { replayed: boolean }> => {
  const schedule = newSchedule(request);
  try {
    return { value: schedule, revision: await create(schedule), replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { ...(await sameRequest(schedule)), replayed: true };
  }
};

const newSchedule = ({ org, settings, key, createdBy, now }: CreateSchedule): Schedule => ({
  ...settings,
  id: scheduleIdFor(org, key),
  org,
  requestHash: requestHash(settings),
  lastRunAt: null,
  lastTask: null,
  lastError: null,
  lastSkippedAt: null,
  nextRunAt: settings.enabled ? nextRun(settings.cron, settings.timeZone, now) : null,
  createdBy,
  createdAt: now,
  updatedAt: now,
});

const sameRequest = async (wanted: Schedule): Promise<Stored<Schedule>> => {
  const stored = await findSchedule(wanted.org, wanted.id);
  if (stored?.value.requestHash !== wanted.requestHash) throw new AppError(schedulingErrors.keyReused);
  return stored;
};
