import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { coordinationErrors } from './errors.ts';
import { endTask } from './finish-task.ts';
import type { Task, TaskId } from './schemas.ts';

/**
 * Cancels a task and aborts what runs for it, also on other instances (C6). Cancelling a cancelled task answers with it again.
 * Throws `coordination.task_not_found`, `coordination.task_is_over`.
 */
export const cancelTask = async (org: OrgId, id: TaskId, { by }: { by: string }): Promise<Task> => {
  const task = await endTask(org, id, (spend) => ({
    ending: { state: 'canceled' },
    event: { type: 'task.canceled', data: { by, spend } },
  }));
  if (!task) throw new AppError(coordinationErrors.taskNotFound);
  if (task.state !== 'canceled') throw new AppError(coordinationErrors.taskIsOver, { detail: `It is ${task.state}.` });
  return task;
};
