// The sweeper: once a minute, the schedules of all orgs that are due. Its cost follows the number of those; the others are never
// read. Two sweepers at once meet the same runs and make the same tasks.
import * as logger from 'firebase-functions/logger';
import { handleDue } from '../platform/due-records.ts';
import { describeError, isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import { runDueSlot } from './run-schedule.ts';
import { dueSchedules } from './schedules.firestore.ts';
import type { Schedule } from './schemas.ts';

/** Runs every schedule that is due. One that fails stays due and does not hold up the rest. */
export const runDueSchedules = (now: Date): Promise<void> =>
  handleDue(dueSchedules(now), (schedule) => runOrLog(schedule, now));

const runOrLog = async (schedule: Stored<Schedule>, now: Date): Promise<void> => {
  try {
    await runDueSlot(schedule, now);
  } catch (error) {
    // Another sweeper was faster.
    if (isError(error, storeErrors.conflict)) return;
    const { org, id } = schedule.value;
    logger.error('A schedule that is due could not be run', { org, schedule: id, cause: describeError(error) });
  }
};
