import type { Page, PageRequest } from '../platform/page.firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { getSchedule } from './change-schedule.ts';
import { pageOfRuns } from './runs.firestore.ts';
import type { ScheduleId, ScheduleRun } from './schemas.ts';

/** Throws `scheduling.schedule_not_found`. */
export const listRuns = async (org: OrgId, id: ScheduleId, page: PageRequest): Promise<Page<ScheduleRun>> => {
  const [, runs] = await Promise.all([getSchedule(org, id), pageOfRuns(org, id, page)]);
  return runs;
};
