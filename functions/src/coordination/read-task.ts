// What callers read. Another org's task is simply not there (C8).
import { databaseTime } from '../platform/firestore.ts';
import { agentsOf } from '../agents/index.ts';
import type { TaskStanding } from '../governance/index.ts';
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { assemble, readPad, renderMarkdown, type Progress, type Scratchpad } from '../scratchpads/index.ts';
import { effectsOfTask } from './effects.firestore.ts';
import type { ListedEffect } from './effects.ts';
import { coordinationErrors } from './errors.ts';
import { progressOf, relatedPads, statusOf, teamOf } from './progress.ts';
import { reportOn } from './report.ts';
import { submitterOf } from './submitter.ts';
import { gatesOf } from './task-gates.ts';
import type { Artifact, Assignment, AssignmentId, ListedArtifact, Report, Task, TaskId } from './schemas.ts';
import { isTaskOver } from './task-state.ts';
import * as store from './task-store.firestore.ts';

/** Throws `coordination.task_not_found`. */
export const getTask = async (org: OrgId, id: TaskId): Promise<Task> => (await store.requireTask(org, id)).value;

/** Whose the task is, and the refusal of what a task that is over has no use for. Throws `coordination.task_not_found`. */
export const standingOf = async (org: OrgId, id: TaskId): Promise<TaskStanding> => {
  const task = await getTask(org, id);
  const submittedBy = submitterOf(task);
  if (!isTaskOver(task)) return { submittedBy };
  return { submittedBy, refusal: new AppError(coordinationErrors.taskIsOver, { detail: `It is ${task.state}.` }) };
};

export const listTasks = async (
  org: OrgId,
  page: Parameters<typeof store.pageOfTasks>[1],
): Promise<{ tasks: Task[]; nextPageToken?: string }> => {
  const { records: tasks, ...next } = await store.pageOfTasks(org, page);
  return { tasks, ...next };
};

export const listAssignments = async (org: OrgId, id: TaskId): Promise<Assignment[]> => {
  const [, assignments] = await Promise.all([getTask(org, id), store.assignmentsOfTask(org, id)]);
  return assignments.map(({ value }) => value);
};

/** Throws `coordination.assignment_not_found`. */
export const getAssignment = async (org: OrgId, id: TaskId, assignment: AssignmentId): Promise<Assignment> => {
  const stored = await store.findAssignment(org, id, assignment);
  if (!stored) throw new AppError(coordinationErrors.assignmentNotFound);
  return stored.value;
};

export const listArtifacts = async (org: OrgId, id: TaskId): Promise<ListedArtifact[]> => {
  const [, artifacts] = await Promise.all([getTask(org, id), store.artifactsOfTask(org, id)]);
  return artifacts;
};

/** Throws `coordination.artifact_not_found`. */
export const getArtifact = async (org: OrgId, id: TaskId, artifact: string): Promise<Artifact> => {
  const found = await store.findArtifact(org, id, artifact);
  if (!found) throw new AppError(coordinationErrors.artifactNotFound);
  return found;
};

/** Throws `coordination.task_not_found`. */
export const listEffects = async (org: OrgId, id: TaskId): Promise<ListedEffect[]> => {
  await getTask(org, id);
  return effectsOfTask(org, id);
};

/**
 * The report that was written when the task ended; before that, how it stands now, which is not kept. Throws
 * `coordination.task_not_found`, and `coordination.report_not_found` when the report is gone.
 */
export const getReport = async (org: OrgId, id: TaskId): Promise<Report> => {
  const task = await getTask(org, id);
  if (!isTaskOver(task)) return reportSoFar(task);
  const report = await store.findReport(org, id);
  if (!report) throw new AppError(coordinationErrors.reportNotFound);
  return report;
};

const reportSoFar = async (task: Task): Promise<Report> => {
  const now = databaseTime();
  const assignments = (await store.assignmentsOfTask(task.org, task.id)).map(({ value }) => value);
  const { verdicts: gates } = await gatesOf(task, assignments, { now, everyWaiver: true });
  return reportOn(task, assignments, { ending: { state: 'update' }, gates }, now);
};

/** The checklist of the specification as it stands. Throws `coordination.task_not_found`. */
export const getProgress = async (org: OrgId, id: TaskId): Promise<Progress> => {
  const [task, stored] = await Promise.all([getTask(org, id), store.assignmentsOfTask(org, id)]);
  return progressNow(
    task,
    stored.map(({ value }) => value),
  );
};

const progressNow = async (task: Task, assignments: readonly Assignment[]): Promise<Progress> => {
  const { verdicts, deployments } = await gatesOf(task, assignments, { now: databaseTime(), everyWaiver: true });
  return progressOf(assignments, verdicts, deployments);
};

/** The page of a task, with every note that is committed. Throws `coordination.task_not_found`. */
export const getScratchpad = async (org: OrgId, id: TaskId): Promise<Scratchpad & { markdown: string }> => {
  const [task, stored, pad, agents] = await Promise.all([
    getTask(org, id),
    store.assignmentsOfTask(org, id),
    readPad(org, id),
    agentsOf(org),
  ]);
  const assignments = stored.map(({ value }) => value);
  const facts = {
    title: task.submission.title,
    status: statusOf(task),
    related: relatedPads(assignments),
    team: teamOf(assignments, agents),
    progress: await progressNow(task, assignments),
  };
  const scratchpad = assemble(facts, pad);
  return { ...scratchpad, markdown: renderMarkdown(scratchpad) };
};
