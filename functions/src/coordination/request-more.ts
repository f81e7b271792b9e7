// A specialist that cannot go on: it wants others to do a part first, or an answer from whoever handed in the task. The plan grows
// within the guard-rails, in the commit that puts the assignment back.
//
// M1. At most `maxDepth` specialists stand between the plan and an assignment, and one asks at most `maxAsked` times.
// M2. A plan has at most `maxAssignments` assignments, and every one names an agent that the org has and that is enabled.
// M3. Nobody waits for ever: a question has a deadline, and silence means going on without an answer.
// M4. A specialist asks others for a review, not itself: it would judge its own work.
import type { Needs, SpecialistId } from '../agents/index.ts';
import { agentsOf, whyUnsuitable } from '../agents/index.ts';
import { reviewKinds } from '../artifacts/index.ts';
import { policyOf } from '../governance/index.ts';
import type { LlmCall } from '../llm/index.ts';
import { databaseTime, type Stored } from '../platform/firestore.ts';
import { mustEndBy } from './assignment-state.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { createdEvents } from './directive.ts';
import { dispatch } from './dispatch.ts';
import type { HeldAssignment } from './held-assignment.ts';
import { heldIfPaused, isHoldable } from './hold.ts';
import { waitMessage } from './messages.ts';
import { freeId } from './plan.ts';
import { maxAssignments, type Assignment, type PlannedAssignment, type Task, type Wait } from './schemas.ts';
import { findTask } from './task-store.firestore.ts';
import { tell } from './tell.ts';

const maxDepth = 2;
const maxAsked = 2;
const longestWaitMs = 24 * 60 * 60 * 1_000;

/** M1: may it still ask for anything? */
export const mayAsk = ({ depth, asked }: Pick<Assignment, 'depth' | 'asked'>): boolean =>
  depth < maxDepth && asked < maxAsked;

/** Puts the assignment back until it has what it asked for. Throws the store's conflicts. */
export const requestMore = async (held: HeldAssignment, needs: Needs, calls: readonly LlmCall[]): Promise<void> => {
  const { org, task: id } = held.assignment;
  const task = await findTask(org, id);
  if (!task) return;
  return needs.kind === 'answer'
    ? askForAnswer(held, task, needs.question, calls)
    : askForParts(held, task, needs.assignments, calls);
};

const askForAnswer = async (
  held: HeldAssignment,
  task: Stored<Task>,
  text: string,
  calls: readonly LlmCall[],
): Promise<void> => {
  const now = databaseTime();
  const deadlineAt = answerBy(mustEndBy(held.assignment), now);
  const policy = await policyOf(task.value.org);
  const wait: Wait = {
    id: held.assignment.id,
    kind: 'input',
    assignment: held.assignment.id,
    party: 'submitter',
    reason: text,
    deadlineAt,
    onSilence: 'proceed',
  };
  await held.end(
    'done',
    { type: 'assignment.input_requested', data: { question: { text, deadlineAt }, calls: [...calls] } },
    {
      task: taskChange(task, [{ type: 'task.waiting', data: { wait } }], now),
      also: (batch) => tell(batch, waitMessage(task.value, wait), policy, now),
    },
  );
};

/** M3: half of what is left, so that the other half is there for the work. */
const answerBy = (end: Date, now: Date): Date =>
  new Date(now.getTime() + Math.min(longestWaitMs, Math.max(0, end.getTime() - now.getTime()) / 2));

const askForParts = async (
  held: HeldAssignment,
  task: Stored<Task>,
  wanted: Needs['assignments'],
  calls: readonly LlmCall[],
): Promise<void> => {
  const { assignment } = held;
  const now = databaseTime();
  const fault = await faultOf(task.value, assignment.specialist, wanted);
  if (fault) return refuse(held, task.value, fault, calls);
  const { org, task: id, priority, brief, deadlineAt, depth } = assignment;
  const plan = task.value.plan?.assignments ?? [];
  const parts = wanted.reduce<PlannedAssignment[]>((before, each) => {
    const taken = new Set([...plan, ...before.map((part) => part.id)]);
    const part = freeId(`${assignment.id}-part`, plan.length, taken);
    return [...before, { ...each, id: part, dependsOn: assignment.dependsOn }];
  }, []);
  const ids = parts.map((part) => part.id);
  const author = { kind: 'specialist' as const, id: assignment.specialist };
  const shared = { org, task: id, priority, brief, deadlineAt, author };
  const created = createdEvents(parts, shared, plan.length).map(({ type, data }) => {
    const part = { ...data, successors: [assignment.id], last: false, depth: depth + 1 };
    return heldIfPaused(task.value, assignmentChange(undefined, [{ type, data: part }], now));
  });
  const extended = {
    assignments: ids,
    reason: `${assignment.title}: asked for the work of others`,
    because: wanted.map(({ title }) => title),
  };
  const { revision } = await held.end(
    'done',
    { type: 'assignment.delegated', data: { dependsOn: [...assignment.dependsOn, ...ids], calls: [...calls] } },
    { task: taskChange(task, [{ type: 'task.plan_extended', data: extended }], now), others: created },
  );
  const free = created.filter(({ after }) => isHoldable(after));
  await Promise.all(free.map(({ after }) => dispatch({ value: after, revision })));
};

/** M2, M4: why it cannot be had, or nothing. */
const faultOf = async (task: Task, asker: SpecialistId, wanted: Needs['assignments']): Promise<string | undefined> => {
  if (wanted.some(({ specialist, artifactKind }) => specialist === asker && reviewKinds.has(artifactKind))) {
    return 'You asked yourself for a review: ask another specialist.';
  }
  if ((task.plan?.assignments.length ?? 0) + wanted.length > maxAssignments) {
    return `The plan would have more than ${maxAssignments} assignments.`;
  }
  const agents = await agentsOf(task.org);
  return wanted.map(({ specialist, artifactKind }) => whyUnsuitable(agents, specialist, artifactKind)).find(Boolean);
};

const refuse = async (
  held: HeldAssignment,
  { state }: Task,
  text: string,
  calls: readonly LlmCall[],
): Promise<void> => {
  const remark = {
    kind: 'objection' as const,
    about: 'what you asked for',
    text,
    by: 'backend-coordinator',
    at: databaseTime(),
  };
  const stored = await held.end('done', { type: 'assignment.request_refused', data: { remark, calls: [...calls] } });
  if (state !== 'paused') await dispatch(stored);
};
