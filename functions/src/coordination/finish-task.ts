// How a task ends. Success is one commit: gates, report and the final state. Any other end is written to the task first, with the
// signal that stops running work; its assignments are closed after, and the task stays due until they are (S4 of task-state.ts), so
// that a crash in between is found by the sweeper.
import { addMessage } from '../communication/index.ts';
import { addSignal, detectInTask, withdrawApprovals } from '../governance/index.ts';
import type { EscalationDraft, GateVerdict, OrgPolicy } from '../governance/schemas.ts';
import { databaseTime, type Batch, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { announceRoom } from './announce-room.ts';
import { writeCancellation } from './cancellations.firestore.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { openEffects, writeEffect } from './effects.firestore.ts';
import { coordinationErrors } from './errors.ts';
import { newsOf } from './design-news.ts';
import { messagesOnCompletion, reportMessage, waitMessage } from './messages.ts';
import type { Judged } from './judge-delivery.ts';
import { askingFor, publicationOf, publish, type Asking } from './publication.ts';
import { tell } from './tell.ts';
import { onConflict } from './on-conflict.ts';
import { factsOf, reportOn, spendOf, type Ending } from './report.ts';
import type { Assignment, Failure, Task, TaskEventBody, TaskId, Wait } from './schemas.ts';
import { failsByWork, gatesOf, type TaskGates } from './task-gates.ts';
import { hasOpenCall, isAssignmentOver } from './assignment-state.ts';
import { isTaskOver } from './task-state.ts';
import { assignmentsOfTask, findAssignment, findTask, postponeWake, saveTask } from './task-store.firestore.ts';

/**
 * First the task: assignments come with a change of it, so while it is at the revision that was read there are none but these.
 */
const taskWithAssignments = async (
  org: OrgId,
  id: TaskId,
): Promise<[Stored<Task> | undefined, Stored<Assignment>[]]> => {
  const task = await findTask(org, id);
  return [task, await assignmentsOfTask(org, id)];
};

/**
 * Ends a task whose assignments have all succeeded, if its gates allow it. Of one that is over, does what whoever ended it may not have
 * come to; does nothing to any other.
 */
export const finishTask = (org: OrgId, id: TaskId, now: Date): Promise<void> =>
  onConflict(() => finishIfDone(org, id, now));

const finishIfDone = async (org: OrgId, id: TaskId, now: Date): Promise<void> => {
  const [task, assignments] = await taskWithAssignments(org, id);
  if (!task) return;
  if (isTaskOver(task.value)) return closeAssignments(task, assignments);
  if (!['working', 'validating'].includes(task.value.state)) return;
  const records = assignments.map(({ value }) => value);
  if (records.length === 0 || records.some(({ state }) => state !== 'succeeded')) return;
  const gates = await gatesOf(task.value, records, { now });
  await (gates.open.length === 0 ? complete(task, assignments, gates, now) : failOrWait(task, assignments, gates, now));
};

const complete = async (
  task: Stored<Task>,
  assignments: readonly Stored<Assignment>[],
  { verdicts, policy }: TaskGates,
  now: Date,
): Promise<void> => {
  const { org, id } = task.value;
  const records = assignments.map(({ value }) => value);
  const publication = await publicationOf(task.value, records);
  const news = await newsOf(publication, policy);
  const seen: Judged = {
    above: [...publication.above, ...news.above],
    alarms: [...publication.alarms, ...news.alarms],
  };
  const asking = await askingFor(task.value, { ...publication, ...seen }, policy, now);
  if (asking && asking.outcome !== 'granted') return askToPublish(task, seen, asking, now);
  const report = reportOn(task.value, records, { ending: { state: 'completed' }, gates: verdicts }, now);
  // What was approved was told when it was asked for.
  const untold = asking ? [] : seen.alarms;
  const alarms = [...untold, ...detectInTask(factsOf(task.value, records, policy))];
  const change = taskChange(
    task,
    [
      ...validated(verdicts),
      { type: 'task.reporting', data: {} },
      { type: 'task.completed', data: { spend: report.spend } },
    ],
    now,
  );
  const also = (batch: Batch) => {
    publish(batch, publication, now);
    for (const message of messagesOnCompletion(report, publication.artifacts, news)) addMessage(batch, message, now);
    addAlarms(batch, alarms, now);
  };
  const revision = await saveTask({ org, id, task: change, report, also });
  await closeAssignments({ value: change.after, revision }, assignments);
};

/** U1 of publication.ts. Whoever was asked before has not decided yet, or what follows from it is being done. */
const askToPublish = async (
  task: Stored<Task>,
  { alarms }: Judged,
  { outcome, wait, ask }: Asking,
  now: Date,
): Promise<void> => {
  if (outcome !== undefined) return;
  const { org, id } = task.value;
  const change = taskChange(task, [{ type: 'task.waiting', data: { wait } }], now);
  const also = (batch: Batch) => {
    ask(batch);
    addAlarms(batch, alarms, now);
  };
  await saveTask({ org, id, task: change, also });
};

const addAlarms = (batch: Batch, alarms: readonly EscalationDraft[], now: Date): void => {
  for (const alarm of alarms) addSignal(batch, alarm, now);
};

const validated = (gates: readonly GateVerdict[]): TaskEventBody[] => [
  { type: 'task.validating', data: {} },
  { type: 'task.gates_evaluated', data: { gates: [...gates] } },
];

/** Q3 of task-gates.ts. */
const failOrWait = async (
  task: Stored<Task>,
  assignments: readonly Stored<Assignment>[],
  gates: TaskGates,
  now: Date,
): Promise<void> => {
  const { org, id, waits } = task.value;
  const { open, verdicts, waiverPending } = gates;
  const waiting = waits.find(({ kind }) => kind === 'evidence');
  const isHopeless = open.some(failsByWork) || (waiting !== undefined && waiting.deadlineAt <= now);
  if (isHopeless && !waiverPending) return failAtGates(task, assignments, gates, now);
  if (waiting) return tellAgain(task.value, now);
  const wait = evidenceWait(task.value, gates, now);
  const change = taskChange(task, [...validated(verdicts), { type: 'task.waiting', data: { wait } }], now);
  await saveTask({
    org,
    id,
    task: change,
    also: (batch) => tell(batch, waitMessage(change.after, wait), gates.policy, now),
  });
  await announceRoom(org);
};

/** Longer than the sweeper takes to come by. */
const tellAgainMs = 2 * 60 * 1_000;

/** The room that its work has left: the first word may have got lost with its process. */
const tellAgain = async ({ org, updatedAt }: Task, now: Date): Promise<void> => {
  if (now.getTime() - updatedAt.getTime() < tellAgainMs) await announceRoom(org);
};

const evidenceWait = ({ deadlineAt }: Task, { open, policy }: TaskGates, now: Date): Wait => ({
  id: 'gates',
  kind: 'evidence',
  assignment: null,
  party: policy.approvals.mayDecide.join(' or '),
  reason: open.map(({ title, needed }) => `${title}: ${needed.join(', or ')}`).join('; '),
  deadlineAt: bringBy(deadlineAt, policy, now),
  onSilence: 'fail',
});

/** Evidence is waited for as long as an approval would be. */
const bringBy = (deadlineAt: Date, { approvals }: OrgPolicy, now: Date): Date =>
  approvals.onSilence === 'pause'
    ? deadlineAt
    : new Date(Math.min(deadlineAt.getTime(), now.getTime() + approvals.deadlineMinutes * 60_000));

const failAtGates = async (
  task: Stored<Task>,
  assignments: readonly Stored<Assignment>[],
  { open, verdicts, policy }: TaskGates,
  now: Date,
): Promise<void> => {
  const { org, id } = task.value;
  const failure = { code: coordinationErrors.gateFailed.code, detail: open.map(({ title }) => title).join('; ') };
  const records = assignments.map(({ value }) => value);
  const report = reportOn(task.value, records, { ending: { state: 'failed', failure }, gates: verdicts }, now);
  const change = taskChange(
    task,
    [...validated(verdicts), { type: 'task.failed', data: { failure, spend: report.spend } }],
    now,
  );
  const also = (batch: Batch) => {
    addMessage(batch, reportMessage(report), now);
    addAlarms(batch, detectInTask(factsOf(task.value, records, policy)), now);
  };
  const revision = await saveTask({ org, id, task: change, report, also });
  await closeAssignments({ value: change.after, revision }, assignments);
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
export const endTask = (
  org: OrgId,
  id: TaskId,
  decide: (spend: ReturnType<typeof spendOf>) => End,
): Promise<Task | undefined> => onConflict(() => endUnlessOver(org, id, decide));

const endUnlessOver = async (
  org: OrgId,
  id: TaskId,
  decide: (spend: ReturnType<typeof spendOf>) => End,
): Promise<Task | undefined> => {
  const [task, assignments] = await taskWithAssignments(org, id);
  if (!task) return undefined;
  if (isTaskOver(task.value)) {
    await closeAssignments(task);
    return task.value;
  }
  const now = databaseTime();
  const records = assignments.map(({ value }) => value);
  const { ending, event } = decide(spendOf(task.value, records));
  const change = taskChange(task, [event], now);
  const { verdicts, policy } = await gatesOf(task.value, records, { now });
  const report = reportOn(task.value, records, { ending, gates: verdicts }, now);
  const also = (batch: Batch) => {
    writeCancellation(batch, org, id, now);
    addMessage(batch, reportMessage(report), now);
    addAlarms(batch, detectInTask(factsOf(task.value, records, policy)), now);
  };
  const revision = await saveTask({ org, id, task: change, report, also });
  await closeAssignments({ value: change.after, revision }, assignments);
  return change.after;
};

/**
 * Cancels what is left of a task that is over, withdraws what was asked for it and tells whoever waits. Then the sweeper may forget the
 * task; until the word is out, it comes back.
 */
export const closeAssignments = (task: Stored<Task>, known?: readonly Stored<Assignment>[]): Promise<void> =>
  onConflict(
    () => close(task, known),
    async () => {
      const current = await findTask(task.value.org, task.value.id);
      if (current) await close(current);
    },
  );

const close = async (task: Stored<Task>, known?: readonly Stored<Assignment>[]): Promise<void> => {
  const { org, id, wakeAt } = task.value;
  const isClosed = wakeAt === null;
  if (!isClosed) {
    const assignments = known ?? (await assignmentsOfTask(org, id));
    await Promise.all(assignments.map(cancelAssignment));
  }
  const [isTold] = await Promise.all([announceRoom(org), withdrawApprovals(org, id, databaseTime())]);
  if (isClosed !== isTold) await postponeWake(org, task, isTold ? null : databaseTime());
};

const cancelAssignment = (stored: Stored<Assignment>): Promise<void> =>
  onConflict(
    () => cancelUnlessOver(stored),
    async () => {
      const { org, task, id } = stored.value;
      const current = await findAssignment(org, task, id);
      if (current) await cancelUnlessOver(current);
    },
  );

/** What runs for it is cut off: how that ends is unknown until the run says so, if it still can (C3). */
const cancelUnlessOver = async (stored: Stored<Assignment>): Promise<void> => {
  if (isAssignmentOver(stored.value)) return;
  const { org, task, id } = stored.value;
  const now = databaseTime();
  const data = { lostCall: hasOpenCall(stored.value) };
  const change = assignmentChange(stored, [{ type: 'assignment.canceled', data }], now);
  const open = stored.value.state === 'running' ? await openEffects(org, task, id) : [];
  const also = (batch: Batch) => {
    for (const effect of open) writeEffect(batch, { ...effect, state: 'unknown', endedAt: now });
  };
  await saveTask({ org, id: task, assignments: [change], also });
};
