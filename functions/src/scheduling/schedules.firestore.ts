// Schedules, under `orgs/{org}/schedules`. `wakeAt` is the slot that comes next, under the name that every sweeper asks for.
import type { CollectionReference } from 'firebase-admin/firestore';
import type { Due } from '../platform/due-records.ts';
import {
  commit,
  commitWithin,
  firestore,
  parseOptional,
  readDocument,
  unchangedSince,
  type Batch,
  type Revision,
  type Stored,
} from '../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../platform/page.firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { schedulingErrors } from './errors.ts';
import { schedule, type Schedule, type ScheduleId } from './schemas.ts';

const schedulesOf = (org: OrgId): CollectionReference =>
  firestore().collection('orgs').doc(org).collection('schedules');

const fieldsOf = (record: Schedule) => ({ ...record, wakeAt: record.nextRunAt });

/** One sweeper runs those of all orgs: none may fill its minute alone. */
export const maxSchedules = 100;

/** Throws `store.exists` when there is one with that id, and `scheduling.too_many_schedules`. */
export const createSchedule = (record: Schedule): Promise<Revision> => {
  const all = schedulesOf(record.org);
  const made = all.doc(record.id);
  const limit = { among: all.select(), most: maxSchedules, refusal: schedulingErrors.tooManySchedules };
  return commitWithin(limit, made, (batch) => batch.create(made, fieldsOf(record)));
};

export const findSchedule = async (org: OrgId, id: ScheduleId): Promise<Stored<Schedule> | undefined> =>
  parseOptional(schedule, await readDocument(schedulesOf(org).doc(id)));

/** Part of a commit that throws `store.conflict` when the schedule was changed since that revision. */
export const putSchedule = (batch: Batch, record: Schedule, seen: Revision): void => {
  batch.update(schedulesOf(record.org).doc(record.id), fieldsOf(record), unchangedSince(seen));
};

/** Throws `store.conflict` when it was changed since that revision. */
export const updateSchedule = (record: Schedule, seen: Revision): Promise<Revision> =>
  commit((batch) => putSchedule(batch, record, seen));

/** Throws `store.conflict` when it was changed since that revision. */
export const deleteSchedule = (org: OrgId, id: ScheduleId, seen: Revision): Promise<Revision> =>
  commit((batch) => batch.delete(schedulesOf(org).doc(id), unchangedSince(seen)));

/** Newest first. */
export const pageOfSchedules = (org: OrgId, page: PageRequest): Promise<Page<Schedule>> =>
  readPage({ schema: schedule, collection: schedulesOf(org) }, page);

/** Schedules of all orgs that are due, longest overdue first. */
export const dueSchedules = (now: Date): Due<Schedule> => ({
  schema: schedule,
  collection: 'schedules',
  field: 'wakeAt',
  until: now,
});
