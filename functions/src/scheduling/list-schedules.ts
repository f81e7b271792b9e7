// Lists, newest first; the token of the next page is the id of this one's last record.
import type { OrgId } from '../platform/schemas.ts';
import { getSchedule } from './change-schedule.ts';
import { pageOfRuns } from './runs.firestore.ts';
import type { Schedule, ScheduleId, ScheduleRun } from './schemas.ts';
import { pageOfSchedules, type PageRequest } from './schedules.firestore.ts';

export interface Page<T> {
  readonly records: T[];
  readonly nextPageToken?: string;
}

export const listSchedules = async (org: OrgId, page: PageRequest): Promise<Page<Schedule>> =>
  cut(await pageOfSchedules(org, oneMore(page)), page);

/** Throws `scheduling.schedule_not_found`. */
export const listRuns = async (org: OrgId, id: ScheduleId, page: PageRequest): Promise<Page<ScheduleRun>> => {
  const [, runs] = await Promise.all([getSchedule(org, id), pageOfRuns(org, id, oneMore(page))]);
  return cut(runs, page);
};

// One more than asked for tells whether there is another page.
const oneMore = (page: PageRequest): PageRequest => ({ ...page, pageSize: page.pageSize + 1 });

const cut = <T extends { readonly id: string }>(found: readonly T[], { pageSize }: PageRequest): Page<T> => {
  const records = found.slice(0, pageSize);
  const last = records.at(-1);
  return found.length > pageSize && last ? { records, nextPageToken: last.id } : { records };
};
