// Whatever a crash left undone is found by looking at committed state (C1, C5): this looks at one task and does what is missing.
// Safe to do at any time, any number of times.
import type { Gateway } from '../llm/index.ts';
import type { Stored } from '../platform/firestore.ts';
import { dispatch } from './dispatch.ts';
import { coordinationErrors } from './errors.ts';
import { closeAssignments, endTask, failTaskOf, finishTask } from './finish-task.ts';
import { isAlive } from './instance.firestore.ts';
import { planTask } from './plan-task.ts';
import type { Assignment, Task } from './schemas.ts';
import { isTaskOver } from './state.ts';
import { assignmentsOfTask, findTask } from './task-store.firestore.ts';

export const advanceTask = async (task: Stored<Task>, gateway: Gateway, now: Date): Promise<void> => {
  const { value, revision } = task;
  if (isTaskOver(value)) return closeAssignments(task);
  if (value.deadlineAt <= now) return missDeadline(value);
  if (value.state === 'submitted' || value.state === 'analyzing') {
    if (value.owner && (await isAlive(value.owner, revision))) return;
    await planTask(task, gateway);
    return;
  }
  await advanceAssignments(await assignmentsOfTask(value.org, value.id), now);
};

const missDeadline = async (task: Task): Promise<void> => {
  const failure = { code: coordinationErrors.deadlineExceeded.code, detail: coordinationErrors.deadlineExceeded.title };
  await endTask(task.org, task.id, (spend) => ({
    ending: { state: 'failed', failure },
    event: { type: 'task.failed', data: { failure, spend } },
  }));
};

const advanceAssignments = async (assignments: readonly Stored<Assignment>[], now: Date): Promise<void> => {
  const [first] = assignments;
  if (!first) return;
  const failed = assignments.find(({ value }) => value.state === 'failed');
  if (failed) return failTaskOf(failed.value);
  if (assignments.every(({ value }) => value.state === 'succeeded')) {
    return finishTask(first.value.org, first.value.task, now);
  }
  const succeeded = new Set(
    assignments.filter(({ value }) => value.state === 'succeeded').map(({ value }) => value.id),
  );
  const stuck = await Promise.all(assignments.map(async (each) => ((await isStuck(each, succeeded)) ? [each] : [])));
  await Promise.all(stuck.flat().map((each) => dispatch(each)));
};

const isStuck = async ({ value, revision }: Stored<Assignment>, succeeded: ReadonlySet<string>): Promise<boolean> => {
  if (value.state === 'running') return !(value.owner && (await isAlive(value.owner, revision)));
  if (value.state === 'blocked') return value.dependsOn.every((id) => succeeded.has(id));
  return value.state === 'ready';
};

/** For the event of a task's creation: plans it, or, when the event comes again, does what the first time left undone. */
export const advanceOnCreate = async (created: Stored<Task>, gateway: Gateway): Promise<void> => {
  if (await planTask(created, gateway)) return;
  const { org, id } = created.value;
  const current = await findTask(org, id);
  if (current) await advanceTask(current, gateway, new Date());
};
