// One run of a schedule, for a slot or because somebody asked: put on record, handed in, settled. Whatever it dies of, doing it again
// from the start ends in the same one task (C9).
import { getTask, scheduledKey, submitTask } from '../coordination/index.ts';
import { coordinationErrors } from '../coordination/errors.ts';
import type { TaskState } from '../coordination/schemas.ts';
import { AppError, isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { getSchedule } from './change-schedule.ts';
import { slotRunId } from './ids.ts';
import { createRun, findRun, settleRun } from './runs.firestore.ts';
import type { Schedule, ScheduleId, ScheduleRun } from './schemas.ts';
import { findSchedule, updateSchedule } from './schedules.firestore.ts';
import { mustSkip, requestedRun, settled, skipped, slotDue, slotRun, type RunRequest } from './slots.ts';

/**
 * Runs the slot that is due, if one is. A submission that is refused is kept as the schedule's `lastError`; what may go better the
 * next time is thrown, and the slot stays due. Throws `store.conflict` when another sweeper was faster.
 */
export const runDueSlot = async (stored: Stored<Schedule>, now: Date): Promise<void> => {
  const { value, revision } = stored;
  const slot = slotDue(value, now);
  if (!slot) return;
  const [begun, lastTask] = await Promise.all([runUnderWay(value), stateOfLastTask(value)]);
  if (begun) {
    await settle((await handIn(begun, now)).ended, stored);
    const after = await findSchedule(value.org, value.id);
    return after && runDueSlot(after, now);
  }
  if (mustSkip(value, lastTask)) {
    await updateSchedule(skipped(value, slot), revision);
    return;
  }
  const due = await atSlot(stored, slot);
  const { run } = await begin(slotRun(value, slot, now));
  if (run.task || run.error) return;
  await settle((await handIn(run, now)).ended, due);
};

/** The run that somebody began and did not settle, as they died or are still at it (S4). */
const runUnderWay = async ({ org, id, nextRunAt }: Schedule): Promise<ScheduleRun | undefined> => {
  const run = nextRunAt ? await findRun(org, slotRunId(id, nextRunAt)) : undefined;
  return run?.task || run?.error ? undefined : run;
};

/** The schedule with the slots before that one passed over: who finishes the run looks for it at `nextRunAt` (S4). */
const atSlot = async (stored: Stored<Schedule>, slot: Date): Promise<Stored<Schedule>> => {
  if (stored.value.nextRunAt?.getTime() === slot.getTime()) return stored;
  const value = { ...stored.value, nextRunAt: slot };
  return { value, revision: await updateSchedule(value, stored.revision) };
};

/**
 * Hands in a task at once, whether or not the schedule is enabled or its last task is over; `replayed` when this key did so
 * before. Throws `scheduling.schedule_not_found` and whatever refuses the submission.
 */
export const runNow = async (
  org: OrgId,
  id: ScheduleId,
  request: RunRequest,
): Promise<{ run: ScheduleRun; replayed: boolean }> => {
  const stored = await getSchedule(org, id);
  const { run, replayed } = await begin(requestedRun(stored.value, request));
  if (run.task) return { run, replayed };
  const { ended, refused } = await handIn(run, request.now);
  await settle(ended, stored);
  if (refused) throw refused;
  return { run: ended, replayed };
};

const stateOfLastTask = async ({ org, lastTask, overlap }: Schedule): Promise<TaskState | undefined> => {
  if (lastTask === null || overlap === 'allow') return undefined;
  try {
    return (await getTask(org, lastTask)).state;
  } catch (error) {
    if (isError(error, coordinationErrors.taskNotFound)) return undefined;
    throw error;
  }
};

const begin = async (run: ScheduleRun): Promise<{ run: ScheduleRun; replayed: boolean }> => {
  try {
    await createRun(run);
    return { run, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { run: (await findRun(run.org, run.id)) ?? run, replayed: true };
  }
};

interface HandedIn {
  readonly ended: ScheduleRun;
  readonly refused?: AppError;
}

/** As at the moment the run began, so that a repeat is judged as the first try was, and meets its task. */
const handIn = async (run: ScheduleRun, now: Date): Promise<HandedIn> => {
  const { org, id, schedule, slot, beganAt, request } = run;
  const uid = run.requestedBy ?? run.scheduledBy;
  if (!request) return { ended: run };
  try {
    const { task } = await submitTask({
      org,
      submission: request,
      key: scheduledKey(schedule, slot?.toISOString() ?? id),
      submittedBy: { channel: 'schedule', schedule, ...(uid !== null && { uid }) },
      now: beganAt,
    });
    return { ended: { ...run, request: null, task: task.id, error: null } };
  } catch (error) {
    if (!(error instanceof AppError && error.row.retry === 'never')) throw error;
    return { ended: { ...run, error: { code: error.code, detail: sentence(error), at: now } }, refused: error };
  }
};

const maxFaultsNamed = 3;

const sentence = ({ detail, errors }: AppError): string =>
  [detail, ...errors.slice(0, maxFaultsNamed).map((fault) => `${fault.pointer} ${fault.detail}`)].join('; ');

const maxTries = 5;

/** Writes how the run ended, and the schedule after it as it is by then; one that was deleted stays deleted. */
const settle = async (run: ScheduleRun, seen: Stored<Schedule>): Promise<void> => {
  let schedule: Stored<Schedule> | undefined = seen;
  for (let tries = 1; ; tries++) {
    try {
      await settleRun(run, schedule && { ...schedule, value: settled(schedule.value, run) });
      return;
    } catch (error) {
      if (!isError(error, storeErrors.conflict) || tries === maxTries) throw error;
      schedule = await findSchedule(run.org, run.schedule);
    }
  }
};
