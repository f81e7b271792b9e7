// Tasks, assignments, artifacts, reports and their events, under `orgs/{org}/tasks/{task}`. Every path starts with the org (C8).
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AggregateField, FieldValue, type CollectionReference, type DocumentReference } from 'firebase-admin/firestore';
import {
  commit,
  firestore,
  isLostRace,
  listen,
  parseOptional,
  parseSnapshot,
  readable,
  readAggregate,
  readDocument,
  readQuery,
  revisionOf,
  storeErrors,
  unchangedSince,
  type Batch,
  type Revision,
  type Stored,
} from '../platform/firestore.ts';
import type { Due } from '../platform/due-records.ts';
import { AppError, isError } from '../platform/errors.ts';
import { readPage, type Page, type PageRequest } from '../platform/page.firestore.ts';
import { fromSlices, slicesOf, slicesOfNamed } from '../platform/slices.ts';
import { orgId, type OrgId } from '../platform/schemas.ts';
import type { Load } from './admission.ts';
import { isDue } from './task-state.ts';
import { coordinationErrors } from './errors.ts';
import { changedFields, type AssignmentChange, type StreamChange, type TaskChange } from './changes.ts';
import {
  artifact,
  assignment,
  listedArtifact,
  report,
  submission,
  task,
  taskId,
  type Artifact,
  type Assignment,
  type AssignmentId,
  type ListedArtifact,
  type Report,
  type Task,
  type TaskId,
  type TaskState,
} from './schemas.ts';

const tasksOf = (org: OrgId): CollectionReference => firestore().collection('orgs').doc(org).collection('tasks');
const taskRef = (org: OrgId, id: TaskId): DocumentReference => tasksOf(org).doc(id);
const assignmentsOf = (org: OrgId, id: TaskId) => taskRef(org, id).collection('assignments');
const artifactsOf = (org: OrgId, id: TaskId) => taskRef(org, id).collection('artifacts');
const reportRef = (org: OrgId, id: TaskId) => taskRef(org, id).collection('reports').doc('final');

/** All that one commit writes about a task: its own change, its assignments' changes, and documents that come with them. */
export interface TaskCommit {
  readonly org: OrgId;
  readonly id: TaskId;
  readonly task?: TaskChange;
  readonly assignments?: readonly AssignmentChange[];
  readonly artifact?: Artifact;
  readonly report?: Report;
  /** Writes of other domains that must happen in the same commit. */
  readonly also?: (batch: Batch) => void;
}

/**
 * Writes everything or nothing and returns the revision of all that was written. Throws `store.conflict` when a record is not at the
 * revision that the change was decided on, `store.exists` when a new one is there already. When the database does not say whether
 * it committed, the change's own mark on its first event does.
 */
export const saveTask = async (change: TaskCommit): Promise<Revision> => {
  const mark = randomUUID();
  for (let attempt = 1; ; attempt++) {
    try {
      return await commit((batch) => fill(batch, change, mark));
    } catch (error) {
      const isUnknown = isError(error, storeErrors.outcomeUnknown);
      // What is in the way of a repetition may be what was tried first.
      if (!isUnknown && (attempt === 1 || !isLostRace(error))) throw error;
      const written = await revisionByMark(change, mark);
      if (written) return written;
      if (!isUnknown || attempt === maxCommitAttempts) throw error;
    }
  }
};

const maxCommitAttempts = 3;

const fill = (batch: Batch, change: TaskCommit, mark: string): void => {
  const { org, id } = change;
  if (change.task) writeStream(batch, { org, id, mark, record: taskRef(org, id) }, change.task);
  for (const each of change.assignments ?? []) {
    writeStream(batch, { org, id, mark, record: assignmentsOf(org, id).doc(each.stream) }, each);
  }
  if (change.artifact) batch.set(artifactsOf(org, id).doc(change.artifact.id), change.artifact);
  if (change.report) batch.set(reportRef(org, id), change.report);
  change.also?.(batch);
};

const revisionByMark = async (change: TaskCommit, mark: string): Promise<Revision | undefined> => {
  const first = change.task ?? change.assignments?.[0];
  if (!first) return undefined;
  const snapshot = await readDocument(eventRef(change.org, change.id, first.stream, (first.before?.seq ?? 0) + 1));
  return snapshot.updateTime && snapshot.get('commit') === mark ? revisionOf(snapshot.updateTime) : undefined;
};

interface Target {
  readonly org: OrgId;
  readonly id: TaskId;
  readonly mark: string;
  readonly record: DocumentReference;
}

const writeStream = <R extends { seq: number }, E extends { type: string; data: object }>(
  batch: Batch,
  { org, id, mark, record }: Target,
  change: StreamChange<R, E>,
): void => {
  if (change.before && change.revision) {
    batch.update(record, changedFields(change.before, change.after), unchangedSince(change.revision));
  } else {
    batch.create(record, change.after);
  }
  const first = (change.before?.seq ?? 0) + 1;
  change.events.forEach(({ type, data }, index) => {
    const { stream, lane, at } = change;
    const seq = first + index;
    const recordedAt = FieldValue.serverTimestamp();
    const event = { org, task: id, stream, lane, seq, type, data, at, recordedAt, commit: mark };
    batch.create(eventRef(org, id, stream, seq), event);
  });
};

export const eventsOf = (org: OrgId, id: TaskId) => taskRef(org, id).collection('events');
const eventRef = (org: OrgId, id: TaskId, stream: string, seq: number) =>
  eventsOf(org, id).doc(`${stream}.${String(seq).padStart(6, '0')}`);

export const findTask = async (org: OrgId, id: TaskId): Promise<Stored<Task> | undefined> =>
  parseOptional(task, await readDocument(taskRef(org, id)));

/** Throws `coordination.task_not_found`. */
export const requireTask = async (org: OrgId, id: TaskId): Promise<Stored<Task>> => {
  const stored = await findTask(org, id);
  if (!stored) throw new AppError(coordinationErrors.taskNotFound);
  return stored;
};

export const findAssignment = async (
  org: OrgId,
  id: TaskId,
  assignmentId: AssignmentId,
): Promise<Stored<Assignment> | undefined> =>
  parseOptional(assignment, await readDocument(assignmentsOf(org, id).doc(assignmentId)));

/** Like `findAssignment`, for whoever has others to look at: one that cannot be read is logged, and `undefined`. */
export const findReadableAssignment = async (
  org: OrgId,
  id: TaskId,
  assignmentId: AssignmentId,
): Promise<Stored<Assignment> | undefined> => {
  const snapshot = await readDocument(assignmentsOf(org, id).doc(assignmentId));
  return snapshot.exists ? readable(assignment, snapshot)[0] : undefined;
};

/** First the task: what changes both is one commit, so an assignment that is read after its task is never the older of the two. */
export const taskAndAssignment = async (
  org: OrgId,
  id: TaskId,
  assignmentId: AssignmentId,
): Promise<[Stored<Task> | undefined, Stored<Assignment> | undefined]> => {
  const task = await findTask(org, id);
  return [task, await findAssignment(org, id, assignmentId)];
};

/** Calls `onChange` at once and whenever an assignment of the task succeeds, until the returned function is called. */
export const watchSuccesses = (
  org: OrgId,
  id: TaskId,
  onChange: () => void,
  onError: (error: unknown) => void,
): (() => void) => listen(assignmentsOf(org, id).where('state', '==', 'succeeded'), onChange, onError);

/** Most tasks have no more, and are read at once. */
const assignmentsAtOnce = 20;

/** All assignments of a task, by ordinal. */
export const assignmentsOfTask = async (org: OrgId, id: TaskId): Promise<Stored<Assignment>[]> => {
  const slices = slicesOf(assignmentsOf(org, id), { size: assignmentsAtOnce });
  const all = await fromSlices(slices, (snapshot) => parseSnapshot(assignment, snapshot));
  return all.sort((a, b) => a.value.ordinal - b.value.ordinal);
};

/** The assignments of a task that are that specialist's. */
export const assignmentsOfSpecialist = async (org: OrgId, id: TaskId, specialist: string): Promise<Assignment[]> => {
  const found = await readQuery(assignmentsOf(org, id).where('specialist', '==', specialist));
  return found.map((snapshot) => parseSnapshot(assignment, snapshot).value);
};

/** The named assignments, in that order; one that is missing is an error of ours. */
export const assignmentsById = async (org: OrgId, id: TaskId, ids: readonly AssignmentId[]) => {
  const slices = slicesOfNamed(ids.map((each) => assignmentsOf(org, id).doc(each)));
  return fromSlices(slices, (snapshot) => parseSnapshot(assignment, snapshot));
};

/** Is there a predecessor of `successor` that has not succeeded? Reads one document at most. */
export const hasUnfinishedPredecessor = async (org: OrgId, id: TaskId, successor: AssignmentId): Promise<boolean> => {
  const unfinished = assignmentsOf(org, id)
    .where('successors', 'array-contains', successor)
    .where('state', '!=', 'succeeded');
  return (await readQuery(unfinished.select().limit(1))).length > 0;
};

/** Is there any assignment of the task that has not succeeded? Reads one document at most. */
export const hasUnfinishedAssignment = async (org: OrgId, id: TaskId): Promise<boolean> =>
  (await readQuery(assignmentsOf(org, id).where('state', '!=', 'succeeded').select().limit(1))).length > 0;

export const findArtifact = async (org: OrgId, id: TaskId, artifactId: string): Promise<Artifact | undefined> =>
  parseOptional(artifact, await readDocument(artifactsOf(org, id).doc(artifactId)))?.value;

export const artifactsById = async (org: OrgId, id: TaskId, ids: readonly string[]): Promise<Artifact[]> => {
  const slices = slicesOfNamed(ids.map((each) => artifactsOf(org, id).doc(each)));
  return fromSlices(slices, (snapshot) => parseSnapshot(artifact, snapshot).value);
};

/** All artifacts of a task. Their content stays in the database. */
export const artifactsOfTask = async (org: OrgId, id: TaskId): Promise<ListedArtifact[]> => {
  const found = await readQuery(artifactsOf(org, id).select(...Object.keys(listedArtifact.shape)));
  return found.map((snapshot) => parseSnapshot(listedArtifact, snapshot).value);
};

/** Copies of another task's artifacts, each in a commit of its own: together they may be more than one commit takes. */
export const copyArtifacts = async (artifacts: readonly Artifact[]): Promise<void> => {
  for (const each of artifacts) await commit((batch) => batch.set(artifactsOf(each.org, each.task).doc(each.id), each));
};

export const findReport = async (org: OrgId, id: TaskId): Promise<Report | undefined> =>
  parseOptional(report, await readDocument(reportRef(org, id)))?.value;

/** Newest first. */
export const pageOfTasks = (
  org: OrgId,
  { state, ...page }: PageRequest & { readonly state?: TaskState | undefined },
): Promise<Page<Task>> => readPage({ schema: task, collection: tasksOf(org), filter: { state } }, page);

/** The tasks named as they are now, in that order; one that is gone is left out. */
export const tasksById = async (org: OrgId, ids: readonly TaskId[]): Promise<Stored<Task>[]> => {
  const found = await fromSlices(slicesOfNamed(ids.map((id) => taskRef(org, id))), (each) => parseOptional(task, each));
  return found.flatMap((stored) => stored ?? []);
};

/** How many tasks of an org wait to be started, those for later among them. */
export const countWaiting = async (org: OrgId): Promise<number> =>
  Number((await readAggregate(tasksOf(org).where('state', '==', 'submitted').count())).count);

/** How much of an org's capacity its active tasks take. */
export const activeLoad = async (org: OrgId): Promise<Load> => {
  const active = tasksOf(org).where('active', '==', true);
  const { tasks, width } = await readAggregate(
    active.aggregate({ tasks: AggregateField.count(), width: AggregateField.sum('width') }),
  );
  return { tasks: Number(tasks), width: Number(width) };
};

/** How wrong the clock of whoever accepted a task may be: its place in the queue is that clock's. */
const skewMs = 10 * 60 * 1_000;
/** Beyond those asked for, as some may be for later. */
const spare = 4;

const queuedTask = task
  .pick({ id: true, org: true, state: true, queue: true, width: true })
  .extend({ submission: submission.pick({ startAt: true }).default({}) });

/** A task that waits to be started, as far as its turn depends on it. */
export type QueuedTask = z.output<typeof queuedTask>;

const queueFields = ['id', 'org', 'state', 'queue', 'width', 'submission.startAt'];

/** An org's tasks that wait to be started, in the order of their turn. Those that are for later are passed over. */
export const tasksInQueue = async (org: OrgId, now: Date, limit: number): Promise<Stored<QueuedTask>[]> => {
  const pageSize = limit + spare;
  const waiting = tasksOf(org)
    .where('state', '==', 'submitted')
    .where('queue.tag', '<=', new Date(now.getTime() + skewMs))
    .orderBy('queue.rank')
    .orderBy('queue.tag')
    .select(...queueFields)
    .limit(pageSize);
  const due: Stored<QueuedTask>[] = [];
  for (let page = waiting; ;) {
    const found = await readQuery(page);
    due.push(...found.map((snapshot) => parseSnapshot(queuedTask, snapshot)).filter(({ value }) => isDue(value, now)));
    const last = found.at(-1);
    if (due.length >= limit || found.length < pageSize || !last) return due.slice(0, limit);
    page = waiting.startAfter(last);
  }
};

/** Tasks of all orgs that the sweeper should look at, longest overdue first. */
export const tasksToWake = (now: Date): Due<Task> => ({
  schema: task,
  collection: 'tasks',
  field: 'wakeAt',
  until: now,
});

/** Moves the sweeper's next look without changing anything else; a task that changed meanwhile is left alone. */
export const postponeWake = (org: OrgId, { value, revision }: Stored<Task>, wakeAt: Date | null): Promise<Revision> =>
  commit((batch) => batch.update(taskRef(org, value.id), { wakeAt }, unchangedSince(revision)));

/** Has the commit refused when the task has changed since it was read; the task gets a new revision, and is otherwise as it was. */
export const requireUnchanged = (batch: Batch, { value, revision }: Stored<Task>): void => {
  batch.update(taskRef(value.org, value.id), { wakeAt: value.wakeAt }, unchangedSince(revision));
};

export interface Touched {
  /** Tasks that an instance holds, or whose assignments it holds or has ended since then. */
  readonly tasks: readonly { readonly org: OrgId; readonly id: TaskId }[];
  /** When it claimed the last of what it holds; the epoch when it holds nothing. */
  readonly lastClaimAt: Date;
}

export const touchedBy = async (instance: string, since: Date): Promise<Touched> => {
  const assignments = firestore().collectionGroup('assignments');
  const [held, ended, analysed] = await Promise.all([
    readQuery(assignments.where('owner.instance', '==', instance).select('org', 'task')),
    readQuery(assignments.where('finishedBy', '==', instance).where('finishedAt', '>=', since).select('org', 'task')),
    readQuery(firestore().collectionGroup('tasks').where('owner.instance', '==', instance).select('org', 'id')),
  ]);
  const touched = [...held, ...ended, ...analysed].flatMap((snapshot) =>
    readable(touchedTask, snapshot).map(({ value }) => value),
  );
  const claims = [...held, ...analysed].map(({ updateTime }) => updateTime.toMillis());
  return {
    tasks: [...new Map(touched.map((each) => [`${each.org}/${each.id}`, each])).values()],
    lastClaimAt: new Date(Math.max(0, ...claims)),
  };
};

const touchedTask = z
  .union([z.object({ org: orgId, task: taskId }), z.object({ org: orgId, id: taskId })])
  .transform((found) => ({ org: found.org, id: 'task' in found ? found.task : found.id }));
