// A new task that begins where another one was: after any of its events, or, to try a failed task again, at its end. The other task
// stays as it is. What it had achieved is taken over with its artifacts and notes, and is not paid for again.
import { AppError, isError } from '../platform/errors.ts';
import { databaseTime, storeErrors, type Batch, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { entriesOfTask, writeEntry } from '../scratchpads/index.ts';
import { widthOf } from './admission.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { dispatch } from './dispatch.ts';
import { coordinationErrors } from './errors.ts';
import { parseCursor } from './event-cursor.ts';
import { storyOf } from './events.firestore.ts';
import { finishTask } from './finish-task.ts';
import { achieved, assignmentsAt } from './fork-plan.ts';
import { requestHash, taskIdFor } from './ids.ts';
import type { Assignment, AssignmentEventBody, Submitter, Task, TaskEventBody, TaskId } from './schemas.ts';
import { isTaskOver } from './task-state.ts';
import { artifactsById, copyArtifacts, findTask, saveTask } from './task-store.firestore.ts';

const defaultDeadlineMs = 60 * 60 * 1_000;

export interface Fork {
  readonly org: OrgId;
  readonly source: TaskId;
  /** Of the last event to take over; left out: all there are. */
  readonly cursor?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly submittedBy: Submitter;
  readonly now: Date;
}

/** Throws `coordination.task_not_found`, `coordination.invalid_cursor`, `coordination.key_reused`. */
export const forkTask = async (fork: Fork): Promise<{ task: Task; replayed: boolean }> =>
  makeFork(fork, await requireTask(fork.org, fork.source));

/** Tries a task that ended badly again. Throws what `forkTask` throws, and `coordination.not_retryable`. */
export const retryTask = async (fork: Omit<Fork, 'cursor'>): Promise<{ task: Task; replayed: boolean }> => {
  const source = await requireTask(fork.org, fork.source);
  if (!isTaskOver(source) || source.state === 'completed') {
    throw new AppError(coordinationErrors.notRetryable, { detail: `It is ${source.state}.` });
  }
  return makeFork(fork, source);
};

const requireTask = async (org: OrgId, id: TaskId): Promise<Task> => {
  const task = await findTask(org, id);
  if (!task) throw new AppError(coordinationErrors.taskNotFound);
  return task.value;
};

const makeFork = async (fork: Fork, source: Task): Promise<{ task: Task; replayed: boolean }> => {
  const { org, cursor, now } = fork;
  const upTo = cursor === undefined ? undefined : parseCursor(cursor);
  const id = taskIdFor(org, fork.idempotencyKey);
  const records = assignmentsAt(await storyOf(org, source.id, upTo));
  const events = taskEvents(fork, source, { id, records });
  const change = taskChange(undefined, events, now);
  try {
    const sent = await writeFork(change.after, source, { records, events, now });
    await start(change.after, sent);
    return { task: change.after, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { task: await sameRequest(change.after), replayed: true };
  }
};

const sameRequest = async (wanted: Task): Promise<Task> => {
  const stored = await findTask(wanted.org, wanted.id);
  if (stored?.value.requestHash !== wanted.requestHash) throw new AppError(coordinationErrors.keyReused);
  return stored.value;
};

interface Taken {
  readonly id: TaskId;
  readonly records: readonly Assignment[];
}

/** Before its plan the other task was nothing but its submission: the fork is planned anew. */
const taskEvents = (
  { org, source: from, cursor, submittedBy, now }: Fork,
  source: Task,
  { id, records }: Taken,
): TaskEventBody[] => {
  const { startAt: _startAt, deadline: _deadline, ...submission } = source.submission;
  const width = records.length === 0 ? source.width : widthOf(records);
  const submitted: TaskEventBody = {
    type: 'task.submitted',
    data: {
      id,
      org,
      submission,
      requestHash: requestHash({ fork: from, cursor: cursor ?? null }),
      submittedBy,
      deadlineAt: new Date(now.getTime() + defaultDeadlineMs),
      forkedFrom: { task: from, cursor: cursor ?? 'end' },
      queue: { ...source.queue, tag: now },
      width,
    },
  };
  if (records.length === 0 || !source.analysis) return [submitted];
  const assignments = records.map((record) => record.id);
  return [
    submitted,
    { type: 'task.analyzed', data: { analysis: source.analysis, calls: [] } },
    { type: 'task.planned', data: { origin: 'fork', proposalRejected: null, assignments, width, calls: [] } },
    { type: 'task.working', data: {} },
  ];
};

interface Writing {
  readonly records: readonly Assignment[];
  readonly events: readonly TaskEventBody[];
  readonly now: Date;
}

const writeFork = async (
  task: Task,
  source: Task,
  { records, events, now }: Writing,
): Promise<Stored<Assignment>[]> => {
  const { org, id } = task;
  const standing = achieved(records);
  const artifacts = await artifactsById(org, source.id, [...standing]);
  await copyArtifacts(artifacts.map((artifact) => ({ ...artifact, task: id })));
  const notes = (await entriesOfTask(org, source.id)).filter(({ assignment }) => standing.has(assignment));
  const assignments = records.map((record) =>
    assignmentChange(undefined, retold(record, { task, source, isAchieved: standing.has(record.id) }), now),
  );
  const also = (batch: Batch) => {
    for (const entry of notes) writeEntry(batch, { ...entry, task: id });
  };
  const revision = await saveTask({ org, id, task: taskChange(undefined, events, now), assignments, also });
  return assignments.map(({ after }) => ({ value: after, revision }));
};

interface Retelling {
  readonly task: Task;
  readonly source: Task;
  readonly isAchieved: boolean;
}

const retold = (record: Assignment, { task, source, isAchieved }: Retelling): AssignmentEventBody[] => {
  const { ordinal, specialist, title, instructions, artifactKind, dependsOn, successors, last, round, depth } = record;
  const { priority, brief, timeoutSeconds } = record;
  const created: AssignmentEventBody = {
    type: 'assignment.created',
    data: {
      id: record.id,
      org: task.org,
      task: task.id,
      ...{ ordinal, specialist, title, instructions, artifactKind, dependsOn, successors, last, round, depth },
      ...{ priority, brief, deadlineAt: task.deadlineAt, ...(timeoutSeconds !== undefined && { timeoutSeconds }) },
    },
  };
  if (!isAchieved || !record.result) return [created];
  return [created, { type: 'assignment.adopted', data: { from: source.id, result: record.result } }];
};

/** Sends what is free. A task without assignments is planned by the event of its creation. */
const start = async ({ org, id }: Task, assignments: readonly Stored<Assignment>[]): Promise<void> => {
  const done = new Set(assignments.filter(({ value }) => value.state === 'succeeded').map(({ value }) => value.id));
  const free = assignments.filter(
    ({ value }) => value.state !== 'succeeded' && value.dependsOn.every((each) => done.has(each)),
  );
  await Promise.all(free.map((each) => dispatch(each)));
  if (assignments.length > 0 && done.size === assignments.length) await finishTask(org, id, databaseTime());
};
