// The loop of the workflow: a review that asks for changes is followed by a rework and another review, and what waited for the
// review waits for the last one instead. Reviews before it that had passed see the rework, too: their verdict was on other work. The
// growth is part of the review's own commit.
import type { SpecialistId } from '../agents/index.ts';
import type { ArtifactKind } from '../artifacts/index.ts';
import type { Stored } from '../platform/firestore.ts';
import { assignmentChange, type AssignmentChange } from './changes.ts';
import { createdEvents } from './directive.ts';
import { heldIfPaused } from './hold.ts';
import { reworkAfter, successorsOf, type AddedAssignment } from './plan.ts';
import type { Assignment, AssignmentId, Task, TaskEventBody } from './schemas.ts';
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
 * The growth of the plan that a review with `changes-needed` causes; undefined when its rounds or the room in the plan are used up.
 * `because` is what the review found.
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
  const looked = (await assignmentsById(org, id, review.dependsOn)).map(({ value }) => value);
  const reviewed = mostLikelyAtFault(review, looked, task.value.analysis?.primary);
  const passed = looked.filter(({ result }) => result?.verdict === 'pass');
  const added = reviewed ? reworkAfter({ review, reviewed, passed }, plan.assignments) : [];
  const [rework] = added;
  if (!rework) return undefined;
  const followers = await followersOf(review, added);
  const data = {
    assignments: added.map((each) => each.id),
    reason: `${review.title}: changes needed`,
    because: [...because],
  };
  return {
    task,
    events: [{ type: 'task.plan_extended', data }],
    assignments: [
      ...createdAfter(review, added, { task: task.value, followers, now }),
      ...followers.map(({ stored, dependsOn }) =>
        assignmentChange(stored, [{ type: 'assignment.rewired', data: { dependsOn } }], now),
      ),
    ],
    successors: [rework.id],
  };
};

interface Follower extends Pick<Assignment, 'id' | 'dependsOn'> {
  readonly stored: Stored<Assignment>;
}

/** What waits for the review, with the dependencies that it then has: on what replaces those that it had. */
const followersOf = async (
  { org, task, successors }: Assignment,
  added: readonly AddedAssignment[],
): Promise<Follower[]> => {
  const moved = new Map(added.map(({ supersedes, id }) => [supersedes, id]));
  return (await assignmentsById(org, task, successors)).map((stored) => ({
    stored,
    id: stored.value.id,
    dependsOn: stored.value.dependsOn.map((each) => moved.get(each) ?? each),
  }));
};

interface Growth {
  readonly task: Task;
  readonly followers: readonly Follower[];
  readonly now: Date;
}

/** The last of those that are added stands where the review stood. */
const createdAfter = (
  { org, task: id, priority, brief, deadlineAt, last }: Assignment,
  added: readonly AddedAssignment[],
  { task, followers, now }: Growth,
): AssignmentChange[] => {
  const successors = successorsOf([...added, ...followers]);
  const first = task.plan?.assignments.length ?? 0;
  return createdEvents(added, { org, task: id, priority, brief, deadlineAt }, first).map(({ type, data }) => {
    const place = { successors: successors.get(data.id) ?? [], last: last && data.id === added.at(-1)?.id };
    return heldIfPaused(task, assignmentChange(undefined, [{ type, data: { ...data, ...place } }], now));
  });
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
