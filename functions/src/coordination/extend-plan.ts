// The loop of the workflow: a review that asks for changes is followed by reworks and by another look of every review concerned. What
// waited for the review waits for its next round instead. The growth (growth.ts) is part of the commit that ends the review.
import type { ReviewFinding } from '../artifacts/index.ts';
import type { Stored } from '../platform/firestore.ts';
import { assignmentChange, type AssignmentChange } from './changes.ts';
import { createdEvents } from './directive.ts';
import { growthAfter, type Growth } from './growth.ts';
import { heldIfPaused } from './hold.ts';
import { successorsOf } from './plan.ts';
import type { Assignment, AssignmentId, Task, TaskEventBody } from './schemas.ts';
import { assignmentsOfTask, findTask } from './task-store.firestore.ts';

export interface Extension {
  /** The task, at the revision that the growth was decided on. */
  readonly task: Stored<Task>;
  readonly events: readonly TaskEventBody[];
  readonly assignments: readonly AssignmentChange[];
  /** What now follows the review. */
  readonly successors: AssignmentId[];
}

/**
 * The growth of the plan that a review with `changes-needed` causes; undefined when its rounds or the space in the plan are used up.
 * Reads the task and then its assignments: new ones come with a change of the task, so that the task's revision guards both.
 */
export const extendPlan = async (
  review: Assignment,
  { findings, concerns }: { readonly findings: readonly ReviewFinding[]; readonly concerns: readonly string[] },
  now: Date,
): Promise<Extension | undefined> => {
  const { org, task: id } = review;
  const task = await findTask(org, id);
  if (!task?.value.plan) return undefined;
  const plan = await assignmentsOfTask(org, id);
  const growth = growthAfter(
    { review, findings, primary: task.value.analysis?.primary },
    plan.map(({ value }) => value),
  );
  if (!growth) return undefined;
  const { added, rewired } = growth;
  const successors = successorsOf([...added, ...rewired]);
  const data = {
    assignments: added.map((each) => each.id),
    reason: `${review.title}: changes needed`,
    because: [...concerns],
  };
  return {
    task,
    events: [{ type: 'task.plan_extended', data }],
    assignments: [
      ...createdBy(growth, review, { task: task.value, successors, now }),
      ...rewired.flatMap(({ id: each, dependsOn }) => {
        const stored = plan.find(({ value }) => value.id === each);
        return stored ? [assignmentChange(stored, [{ type: 'assignment.rewired', data: { dependsOn } }], now)] : [];
      }),
    ],
    successors: successors.get(review.id) ?? [],
  };
};

interface Place {
  readonly task: Task;
  /** What follows each assignment that is added. */
  readonly successors: ReadonlyMap<AssignmentId, AssignmentId[]>;
  readonly now: Date;
}

const createdBy = (
  { added, last }: Growth,
  { org, task: id, priority, brief, deadlineAt }: Assignment,
  { task, successors, now }: Place,
): AssignmentChange[] => {
  const first = task.plan?.assignments.length ?? 0;
  return createdEvents(added, { org, task: id, priority, brief, deadlineAt }, first).map(({ type, data }) => {
    const place = { successors: successors.get(data.id) ?? [], last: data.id === last };
    return heldIfPaused(task, assignmentChange(undefined, [{ type, data: { ...data, ...place } }], now));
  });
};
