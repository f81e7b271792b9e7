// The plan of a task that was forked from another: that one's assignments as they were at some event. What they had achieved is taken
// over with its artifacts and notes, and is not paid for again.
import { databaseTime, type Batch, type Stored } from '../platform/firestore.ts';
import { entriesOfTask, writeEntry } from '../scratchpads/index.ts';
import { widthOf } from './admission.ts';
import { modelBehind } from './assignment-state.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { parseCursor } from './event-cursor.ts';
import { storyOf } from './events.firestore.ts';
import { finishTask } from './finish-task.ts';
import { createdEvents } from './directive.ts';
import { dispatch } from './dispatch.ts';
import { assignmentsAt, forkedPlan, type ForkedPlan } from './fork-plan.ts';
import { distinct } from './growth.ts';
import { freeIn } from './hold.ts';
import type { Analysis, Assignment, AssignmentEventBody, AssignmentId, Task } from './schemas.ts';
import { successorsOf } from './plan.ts';
import { artifactsById, copyArtifacts, findTask, saveTask } from './task-store.firestore.ts';

/** In the place of a cursor: the end of a task that was over. */
export const endOfStory = 'end';

export interface Inheritance {
  readonly source: Task;
  readonly analysis: Analysis;
  readonly records: readonly Assignment[];
}

/** Undefined for a task that is no fork, and for one of a task that had no plan yet: it is planned like any other. */
export const inheritanceOf = async ({ org, forkedFrom }: Task): Promise<Inheritance | undefined> => {
  if (!forkedFrom) return undefined;
  const { task: from, cursor } = forkedFrom;
  const upTo = cursor === endOfStory ? undefined : parseCursor(cursor);
  const [source, story] = await Promise.all([findTask(org, from), storyOf(org, from, upTo)]);
  const records = assignmentsAt(story);
  if (!source?.value.analysis || records.length === 0) return undefined;
  return { source: source.value, analysis: source.value.analysis, records };
};

/** Throws `store.conflict` when the fork has changed meanwhile. */
export const inheritPlan = async (fork: Stored<Task>, inheritance: Inheritance): Promise<void> => {
  const { source, analysis, records } = inheritance;
  const task = fork.value;
  const { org, id } = task;
  const now = databaseTime();
  const plan = forkedPlan(records, analysis.primary);
  const standing = plan.achieved;
  const artifacts = await artifactsById(org, source.id, [...standing]);
  await copyArtifacts(artifacts.map((artifact) => ({ ...artifact, task: id })));
  const notes = (await entriesOfTask(org, source.id)).filter(({ assignment }) => standing.has(assignment));
  const successors = successorsOf([...plan.records, ...plan.added]);
  const assignments = [
    ...plan.records.map((record) => {
      const placed = { ...record, successors: distinct([...record.successors, ...(successors.get(record.id) ?? [])]) };
      return assignmentChange(undefined, retold(placed, { task, source, isAchieved: standing.has(record.id) }), now);
    }),
    ...addedTo(plan, task, successors).map((event) => assignmentChange(undefined, [event], now)),
  ];
  const ids = assignments.map(({ after }) => after.id);
  const planned = { origin: 'fork' as const, proposalRejected: null, assignments: ids };
  const width = widthOf([...plan.records, ...plan.added]);
  const change = taskChange(
    fork,
    [
      { type: 'task.analyzed', data: { analysis, calls: [] } },
      { type: 'task.planned', data: { ...planned, width, calls: [] } },
      { type: 'task.working', data: {} },
    ],
    now,
  );
  const also = (batch: Batch) => {
    for (const entry of notes) writeEntry(batch, { ...entry, task: id });
  };
  const revision = await saveTask({ org, id, task: change, assignments, also });
  await start(
    task,
    assignments.map(({ after }) => ({ value: after, revision })),
  );
};

/** The reworks that an objection of the source asked for, behind the records of the source. */
const addedTo = (
  { records, added, last }: ForkedPlan,
  { org, id, deadlineAt }: Task,
  successors: ReadonlyMap<AssignmentId, AssignmentId[]>,
): AssignmentEventBody[] => {
  const [first] = records;
  if (!first) return [];
  const { priority, brief } = first;
  return createdEvents(added, { org, task: id, priority, brief, deadlineAt }, records.length).map(({ type, data }) => ({
    type,
    data: { ...data, successors: successors.get(data.id) ?? [], last: data.id === last },
  }));
};

interface Retelling {
  readonly task: Task;
  readonly source: Task;
  readonly isAchieved: boolean;
}

const retold = (record: Assignment, { task, source, isAchieved }: Retelling): AssignmentEventBody[] => {
  const { ordinal, specialist, title, instructions, artifactKind, dependsOn, successors, last, round, depth } = record;
  const { supersedes, priority, brief, timeoutSeconds, author } = record;
  const created: AssignmentEventBody = {
    type: 'assignment.created',
    data: {
      id: record.id,
      org: task.org,
      task: task.id,
      ...{ ordinal, specialist, title, instructions, artifactKind, dependsOn, successors, last, round, depth },
      ...{
        supersedes,
        author,
        priority,
        brief,
        deadlineAt: task.deadlineAt,
        ...(timeoutSeconds !== undefined && { timeoutSeconds }),
      },
    },
  };
  const { result, finishedAt, agentVersion } = record;
  if (!isAchieved || !result || !finishedAt) return [created];
  const adopted = { from: source.id, result, finishedAt, agentVersion, answeredBy: modelBehind(record) };
  return [created, { type: 'assignment.adopted', data: adopted }];
};

/** Sends what is free; a fork with nothing left to do ends. */
const start = async ({ org, id }: Task, assignments: readonly Stored<Assignment>[]): Promise<void> => {
  await Promise.all(freeIn(assignments).map((each) => dispatch(each)));
  if (assignments.every(({ value }) => value.state === 'succeeded')) await finishTask(org, id, databaseTime());
};
