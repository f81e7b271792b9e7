// Runs of schedules, under `orgs/{org}/scheduleRuns`.
import type { CollectionReference } from 'firebase-admin/firestore';
import { commit, firestore, parseOptional, readDocument, type Revision, type Stored } from '../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../platform/page.firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { scheduleRun, type RunId, type Schedule, type ScheduleId, type ScheduleRun } from './schemas.ts';
import { putSchedule } from './schedules.firestore.ts';

const runsOf = (org: OrgId): CollectionReference => firestore().collection('orgs').doc(org).collection('scheduleRuns');

/** Throws `store.exists` when the run was begun already. */
export const createRun = (run: ScheduleRun): Promise<Revision> =>
  commit((batch) => batch.create(runsOf(run.org).doc(run.id), run));

export const findRun = async (org: OrgId, id: RunId): Promise<ScheduleRun | undefined> =>
  parseOptional(scheduleRun, await readDocument(runsOf(org).doc(id)))?.value;

/**
 * Writes how a run ended and, unless it was deleted, the schedule after it. Throws `store.conflict` when the schedule was changed
 * since it was read.
 */
export const settleRun = (run: ScheduleRun, schedule: Stored<Schedule> | undefined): Promise<Revision> =>
  commit((batch) => {
    batch.set(runsOf(run.org).doc(run.id), run);
    if (schedule) putSchedule(batch, schedule.value, schedule.revision);
  });

/** Newest first. */
export const pageOfRuns = (org: OrgId, id: ScheduleId, page: PageRequest): Promise<Page<ScheduleRun>> =>
  readPage({ schema: scheduleRun, collection: runsOf(org), filter: { schedule: id }, newestBy: 'beganAt' }, page);
