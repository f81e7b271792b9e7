// An answer to what a specialist asked: by whoever handed in the task, or by silence.
import { AppError } from '../platform/errors.ts';
import { databaseTime, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { dispatch, dispatchIfReady } from './dispatch.ts';
import { coordinationErrors } from './errors.ts';
import { heldIfPaused } from './hold.ts';
import { onConflict } from './on-conflict.ts';
import type { Assignment, AssignmentId, Task, TaskId } from './schemas.ts';
import { saveTask, taskAndAssignment } from './task-store.firestore.ts';

export interface Answer {
  readonly assignment: AssignmentId;
  readonly text: string;
  readonly by: string;
}

const silence = 'Nobody answered in time. Go on with your best assumption, and name it among the concerns.';

/** Throws `coordination.task_not_found`, `coordination.assignment_not_found`, `coordination.not_waiting`. */
export const giveInput = (org: OrgId, id: TaskId, answer: Answer): Promise<Task> =>
  onConflict(() => answerOnce(org, id, answer));

const answerOnce = async (org: OrgId, id: TaskId, answer: Answer): Promise<Task> => {
  const [task, stored] = await taskAndAssignment(org, id, answer.assignment);
  if (!task) throw new AppError(coordinationErrors.taskNotFound);
  if (!stored) throw new AppError(coordinationErrors.assignmentNotFound);
  if (stored.value.state !== 'input_required') {
    if (isRepeated(stored.value, answer)) {
      await dispatchIfReady(task.value, stored);
      return task.value;
    }
    throw new AppError(coordinationErrors.notWaiting, { detail: `${answer.assignment} is ${stored.value.state}.` });
  }
  return resume(task, stored, answer);
};

const isRepeated = ({ remarks }: Assignment, { text, by }: Answer): boolean =>
  remarks.some((remark) => remark.kind === 'answer' && remark.text === text && remark.by === by);

const resume = async (task: Stored<Task>, stored: Stored<Assignment>, { text, by }: Answer): Promise<Task> => {
  const { org, task: id, question } = stored.value;
  const now = databaseTime();
  const remark = { kind: 'answer' as const, about: question?.text ?? '', text, by, at: now };
  const given = assignmentChange(stored, [{ type: 'assignment.input_given', data: { remark } }], now);
  const answered = heldIfPaused(task.value, given);
  const waitOver = { type: 'task.wait_over' as const, data: { id: stored.value.id, outcome: 'answered', by } };
  const change = taskChange(task, [waitOver], now);
  const revision = await saveTask({ org, id, task: change, assignments: [answered] });
  if (answered.after.state === 'ready') await dispatch({ value: answered.after, revision });
  return change.after;
};

/** Goes on without an answer whose deadline has come. */
export const endSilence = async ({ value }: Stored<Assignment>): Promise<void> => {
  await giveInput(value.org, value.task, { assignment: value.id, text: silence, by: 'silence' });
};
