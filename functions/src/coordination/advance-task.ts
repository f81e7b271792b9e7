// Whatever a crash left undone is found by looking at committed state (C1, C5): this looks at one task and does what is missing.
// Safe to do at any time, any number of times.
import { agentsOf } from '../agents/index.ts';
import { approvalsOfTask, detectInTask, policyOf, raiseEach } from '../governance/index.ts';
import type { Gateway } from '../llm/index.ts';
import { AppError } from '../platform/errors.ts';
import { databaseTime, timeOf, type Stored } from '../platform/firestore.ts';
import { admitTask } from './admit-task.ts';
import { isOverdue } from './assignment-state.ts';
import { dispatch } from './dispatch.ts';
import { coordinationErrors } from './errors.ts';
import { failOverdue } from './fail-overdue.ts';
import { closeAssignments, endTask, failTaskOf, finishTask } from './finish-task.ts';
import { endSilence } from './give-input.ts';
import { freeIn } from './hold.ts';
import { isAlive } from './instance.firestore.ts';
import { holdStragglers } from './pause-task.ts';
import { planTask } from './plan-task.ts';
import { factsOf } from './report.ts';
import { resumeAfter } from './resume-approved.ts';
import { endTroubles, showTrouble } from './show-trouble.ts';
import { agentTrouble } from './trouble.ts';
import type { Assignment, Task } from './schemas.ts';
import { isTaskOver } from './task-state.ts';
import { assignmentsOfTask, findTask } from './task-store.firestore.ts';

/**
 * Does what is missing: ends what is past its deadline, plans, starts, finishes, closes, and sends what is stuck. Throws what the step
 * that it takes throws; looking again is harmless.
 */
export const advanceTask = async (task: Stored<Task>, gateway: Gateway, now: Date): Promise<void> => {
  const { value } = task;
  if (isTaskOver(value)) return closeAssignments(task);
  if (value.deadlineAt <= now) return missDeadline(value, now);
  if (value.state === 'submitted') {
    await admitTask(task, gateway, now);
    return;
  }
  if (value.state === 'analyzing') {
    if (!(await isBeingPlanned(value))) await planTask(task, gateway);
    return;
  }
  const assignments = await assignmentsOfTask(value.org, value.id);
  return value.state === 'paused' ? holdStragglers(task, assignments) : advanceWork(value, assignments, now);
};

/** By the task's own time of change: the sweeper's looks make new revisions of it. */
const isBeingPlanned = (task: Task): Promise<boolean> => isAlive(task, task.updatedAt);

/** A task that still waits for evidence fails by its gates, and its report names them. */
const missDeadline = async (task: Task, now: Date): Promise<void> => {
  if (task.state === 'validating') await finishTask(task.org, task.id, now);
  const failure = { code: coordinationErrors.deadlineExceeded.code, detail: coordinationErrors.deadlineExceeded.title };
  await endTask(task.org, task.id, (spend) => ({
    ending: { state: 'failed', failure },
    event: { type: 'task.failed', data: { failure, spend } },
  }));
};

const advanceWork = async (task: Task, assignments: readonly Stored<Assignment>[], now: Date): Promise<void> => {
  const { org, id } = task;
  if (assignments.length === 0) return;
  const failed = assignments.find(({ value }) => value.state === 'failed');
  if (failed) return failTaskOf(failed.value);
  const overdue = assignments.find(({ value }) => isOverdue(value, now));
  if (overdue) return failOverdue(overdue);
  const isDone = assignments.every(({ value }) => value.state === 'succeeded');
  if (isDone && task.state !== 'awaiting_approval') return finishTask(org, id, now);
  await Promise.all([
    sendStuck(assignments, now),
    endWaits(task, assignments, now),
    warn(task, assignments, now),
    lookForTrouble(task, assignments, now),
  ]);
};

/** A budget that will not do, or a plan that outgrows its limits, is told while the work is under way. Fails no recovery. */
const warn = async (task: Task, assignments: readonly Stored<Assignment>[], now: Date): Promise<void> => {
  const records = assignments.map(({ value }) => value);
  const alarms = detectInTask(factsOf(task, records, await policyOf(task.org)));
  await raiseEach(alarms, now);
};

/** How long an external agent may leave work lying before the task says that it waits for it. */
const lyingMs = 60_000;

/** Work that an external agent leaves lying is nobody's failed try: it is seen here. */
const lookForTrouble = async (task: Task, assignments: readonly Stored<Assignment>[], now: Date): Promise<void> => {
  const lying = assignments.filter((each) => lyingSince(each, now) !== undefined);
  const external = lying.length === 0 ? [] : (await agentsOf(task.org)).filter(({ kind }) => kind !== 'llm');
  const silent = lying.filter(({ value }) => external.some(({ id }) => id === value.specialist));
  for (const each of silent) {
    const since = lyingSince(each, now)?.toISOString() ?? '';
    await showTrouble(each.value, [agentTrouble(each.value.specialist, `it has left work lying since ${since}`)]);
  }
  const records = assignments.map(({ value }) => value);
  await endTroubles(task, records, [...new Set(silent.map(({ value }) => `agent:${value.specialist}`))]);
};

/** Since when work that may be taken has not been; undefined when it is not long. */
const lyingSince = ({ value, revision }: Stored<Assignment>, now: Date): Date | undefined => {
  const { state, failedTries, leaseUntil } = value;
  const since = state === 'ready' && failedTries === 0 ? timeOf(revision) : state === 'running' ? leaseUntil : null;
  return since && now.getTime() - since.getTime() >= lyingMs ? since : undefined;
};

const sendStuck = async (assignments: readonly Stored<Assignment>[], now: Date): Promise<void> => {
  const due = freeIn(assignments).filter(({ value }) => value.retryAt === null || value.retryAt <= now);
  const stuck = [...due, ...(await withoutHolder(assignments))];
  await Promise.all(stuck.map((each) => dispatch(each)));
};

/** What runs, and whose holder is silent. */
const withoutHolder = async (assignments: readonly Stored<Assignment>[]): Promise<Stored<Assignment>[]> => {
  const running = assignments.filter(({ value }) => value.state === 'running');
  const silent = await Promise.all(
    running.map(async (each) => ((await isAlive(each.value, timeOf(each.revision))) ? [] : [each])),
  );
  return silent.flat();
};

/** Questions whose deadline has come, and decisions whose consequences are still to be drawn. */
const endWaits = async (task: Task, assignments: readonly Stored<Assignment>[], now: Date): Promise<void> => {
  const silent = assignments.filter(
    ({ value }) => value.state === 'input_required' && value.question && value.question.deadlineAt <= now,
  );
  await Promise.all(silent.map(endSilence));
  if (!task.waits.some(({ kind }) => kind === 'approval')) return;
  for (const approval of await approvalsOfTask(task.org, task.id)) await resumeAfter(approval, now);
};

/** For the event of a task's creation: plans it, or, when the event comes again, does what the first time left undone. */
export const advanceOnCreate = async (created: Stored<Task>, gateway: Gateway): Promise<void> => {
  const now = databaseTime();
  if (await admitTask(created, gateway, now)) return;
  const { org, id } = created.value;
  const current = await findTask(org, id);
  if (!current) return;
  if (current.value.state === 'submitted') return;
  // Should whoever plans it die, this event must come once more.
  if (current.value.state === 'analyzing' && (await isBeingPlanned(current.value))) {
    throw new AppError(coordinationErrors.leased, { context: { task: id } });
  }
  await advanceTask(current, gateway, now);
};
