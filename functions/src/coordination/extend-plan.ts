// The loop of the workflow: a review that asks for changes is followed by a rework and another review, and what waited for the
// review waits for the last one instead. The growth is part of the review's own commit.
import type { SpecialistId } from '../agents/index.ts';
import type { ArtifactKind } from '../artifacts/index.ts';
import type { Stored } from '../platform/firestore.ts';
import { assignmentChange, type AssignmentChange } from './changes.ts';
import { createdEvents } from './directive.ts';
import { heldIfPaused } from './hold.ts';
import { reworkAfter } from './plan.ts';
import type { Assignment, AssignmentEventBody, AssignmentId, Task, TaskEventBody } from './schemas.ts';
import { assignmentsById, findTask } from './task-store.firestore.ts';

export interface Extension {
  /** Of the task, at the revision that the growth was decided on. */
  readonly task: Stored<Task>;
  readonly events: readonly TaskEventBody[];
  readonly assignments: readonly AssignmentChange[];
  /** What now follows the review. */
  readonly successors: AssignmentId[];
}

/**
 * The growth of the plan that a review with `changes-needed` causes, or undefined when its rounds are used up. `because` is what the
 * review found.
 */
export const extendPlan = async (
  review: Assignment,
  because: readonly string[],
  now: Date,
): Promise<Extension | undefined> => {
  const { org, task: id } = review;
  const task = await findTask(org, id);
  const plan = task?.value.plan;
  if (!task || !plan) return undefined;
  const dependencies = await assignmentsById(org, id, review.dependsOn);
  const reviewed = mostLikelyAtFault(
    review,
    dependencies.map(({ value }) => value),
    task.value.analysis?.primary,
  );
  const added = reviewed && reworkAfter(review, reviewed);
  if (!added) return undefined;
  const [rework, again] = added;
  const waiting = await assignmentsById(org, id, review.successors);
  const shared = { org, task: id, priority: review.priority, brief: review.brief, deadlineAt: review.deadlineAt };
  const [reworkCreated, againCreated] = createdEvents(added, shared, plan.assignments.length);
  const moved = new Map([
    [review.id, again.id],
    [reviewed.id, rework.id],
  ]);
  const readers = waiting.filter(({ value }) => value.dependsOn.includes(reviewed.id)).map(({ value }) => value.id);
  const reworked = { successors: [again.id, ...readers], last: false };
  const nextRound = { round: review.round + 1, successors: review.successors, last: review.last };
  const extended = {
    type: 'task.plan_extended' as const,
    data: { assignments: [rework.id, again.id], reason: `${review.title}: changes needed`, because: [...because] },
  };
  const create = (event: AssignmentEventBody) => heldIfPaused(task.value, assignmentChange(undefined, [event], now));
  return {
    task,
    events: [extended],
    assignments: [
      create({ ...reworkCreated, data: { ...reworkCreated.data, ...reworked } }),
      create({ ...againCreated, data: { ...againCreated.data, ...nextRound } }),
      ...waiting.map((stored) => rewired(stored, moved, now)),
    ],
    successors: [rework.id],
  };
};

/** Which kind of artifact a review's findings are resolved in, most likely first. */
const remedies: Readonly<Partial<Record<ArtifactKind, readonly ArtifactKind[]>>> = {
  'code-review': ['typescript', 'security-rules', 'firestore-schema', 'llm-design', 'openapi'],
  'security-review': ['security-rules', 'typescript'],
  'performance-review': ['typescript', 'firestore-schema'],
};

/**
 * What is to be reworked: of what the review looked at, the kind that fits, else the first that is no review itself. A code review is
 * of what the primary made, so that comes first.
 */
const mostLikelyAtFault = (
  { artifactKind }: Assignment,
  looked: readonly Assignment[],
  primary: SpecialistId | undefined,
): Assignment | undefined => {
  const made = looked.filter(({ result }) => result?.verdict === null);
  const led = artifactKind === 'code-review' ? made.filter(({ specialist }) => specialist === primary) : [];
  const candidates = led.length > 0 ? led : made;
  const fitting = (remedies[artifactKind] ?? []).flatMap((kind) =>
    candidates.filter((each) => each.artifactKind === kind),
  );
  return fitting[0] ?? candidates[0];
};

/** What waited for the review, or builds on what is reworked, waits for what replaces them. */
const rewired = (
  stored: Stored<Assignment>,
  moved: ReadonlyMap<AssignmentId, AssignmentId>,
  now: Date,
): AssignmentChange =>
  assignmentChange(
    stored,
    [
      {
        type: 'assignment.rewired',
        data: { dependsOn: stored.value.dependsOn.map((each) => moved.get(each) ?? each) },
      },
    ],
    now,
  );
