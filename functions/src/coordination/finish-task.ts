// How a task ends. Success is one commit: gates, report and the final state. Any other end is written to the task first, with the
// signal that stops running work; its assignments are closed after, and the task stays due until they are (S4), so that a crash in
// between is found by the sweeper.
import { isLostRace, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { writeCancellation } from './cancellations.firestore.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { coordinationErrors } from './errors.ts';
import { reportOn, spendOf, gatesOf, type Ending } from './report.ts';
import type { Assignment, Failure, Task, TaskEventBody, TaskId } from './schemas.ts';
import { isAssignmentOver, isTaskOver } from './state.ts';
import { assignmentsOfTask, findAssignment, findTask, postponeWake, saveTask } from './task-store.firestore.ts';

/** Ends a task whose assignments have all succeeded; does nothing to any other. */
export const finishTask = async (org: OrgId, id: TaskId, now: Date): Promise<void> => {
  const [task, assignments] = await Promise.all([findTask(org, id), assignmentsOfTask(org, id)]);
  if (!task || task.value.state !== 'working') return;
  const records = assignments.map(({ value }) => value);
  if (records.length === 0 || records.some(({ state }) => state !== 'succeeded')) return;
  await onConflict(
    async () => {
      const change = finalCommit(task, records, now);
      const revision = await saveTask(change);
      await closeAssignments({ value: change.task.after, revision }, assignments);
    },
    () => finishTask(org, id, now),
  );
};

const finalCommit = (task: Stored<Task>, assignments: readonly Assignment[], now: Date) => {
  const { org, id } = task.value;
  const gates = gatesOf(assignments);
  const failed = gates.filter(({ status }) => status === 'failed');
  const spend = spendOf(task.value, assignments);
  const failure = { code: coordinationErrors.gateFailed.code, detail: failed.map(({ title }) => title).join('; ') };
  const ending: Ending = failed.length > 0 ? { state: 'failed', failure } : { state: 'completed' };
  const events: TaskEventBody[] = [
    { type: 'task.validating', data: {} },
    { type: 'task.gates_evaluated', data: { gates } },
    { type: 'task.reporting', data: {} },
    ending.state === 'failed'
      ? { type: 'task.failed', data: { failure, spend } }
      : { type: 'task.completed', data: { spend } },
  ];
  return { org, id, task: taskChange(task, events, now), report: reportOn(task.value, assignments, ending, now) };
};

/** Ends the task of an assignment that has failed. */
export const failTaskOf = async (failed: Assignment): Promise<void> => {
  const cause = failed.failure?.detail ?? failed.title;
  const detail = `${failed.id} (${failed.specialist}): ${cause}`;
  await endTask(failed.org, failed.task, (spend) => {
    const failure: Failure = { code: failed.failure?.code ?? coordinationErrors.assignmentFailed.code, detail };
    return { ending: { state: 'failed', failure }, event: { type: 'task.failed', data: { failure, spend } } };
  });
};

interface End {
  readonly ending: Ending;
  readonly event: TaskEventBody;
}

/** Ends a task that is not over, by failure or cancellation, and closes its assignments. Returns the task as it then is. */
export const endTask = async (
  org: OrgId,
  id: TaskId,
  decide: (spend: ReturnType<typeof spendOf>) => End,
): Promise<Task | undefined> => {
  const [task, assignments] = await Promise.all([findTask(org, id), assignmentsOfTask(org, id)]);
  if (!task) return undefined;
  if (isTaskOver(task.value)) {
    await closeAssignments(task);
    return task.value;
  }
  const now = new Date();
  const records = assignments.map(({ value }) => value);
  const { ending, event } = decide(spendOf(task.value, records));
  const change = taskChange(task, [event], now);
  const report = reportOn(task.value, records, ending, now);
  return onConflict(
    async () => {
      const also = (batch: Parameters<typeof writeCancellation>[0]) => writeCancellation(batch, org, id, now);
      const revision = await saveTask({ org, id, task: change, report, also });
      await closeAssignments({ value: change.after, revision }, assignments);
      return change.after;
    },
    () => endTask(org, id, decide),
  );
};

/** Cancels what is left of a task that is over, then lets the sweeper forget the task. */
export const closeAssignments = async (task: Stored<Task>, known?: readonly Stored<Assignment>[]): Promise<void> => {
  if (task.value.wakeAt === null) return;
  const { org, id } = task.value;
  const assignments = known ?? (await assignmentsOfTask(org, id));
  await Promise.all(assignments.map(cancelAssignment));
  await onConflict(
    async () => {
      await postponeWake(org, task, null);
    },
    async () => {
      const current = await findTask(org, id);
      if (current) await closeAssignments(current);
    },
  );
};

const cancelAssignment = async (stored: Stored<Assignment>): Promise<void> => {
  if (isAssignmentOver(stored.value)) return;
  const { org, task, id } = stored.value;
  const change = assignmentChange(stored, [{ type: 'assignment.canceled', data: {} }], new Date());
  await onConflict(
    async () => {
      await saveTask({ org, id: task, assignments: [change] });
    },
    async () => {
      const current = await findAssignment(org, task, id);
      if (current) await cancelAssignment(current);
    },
  );
};

/** Somebody else wrote first: look again and decide anew. */
const onConflict = async <T>(attempt: () => Promise<T>, again: () => Promise<T>): Promise<T> => {
  try {
    return await attempt();
  } catch (error) {
    if (isLostRace(error)) return again();
    throw error;
  }
};
