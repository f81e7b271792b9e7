import type { TaskId } from '../../../coordination/schemas.ts';
import type { AppError } from '../../../platform/errors.ts';
import type { OrgId } from '../../../platform/schemas.ts';
import type { GateVerdict } from '../schemas.ts';

/** What these operations ask of the domain of tasks. It stands on this one, so the composition of the service brings it. */
export interface TaskSource {
  /** Throws `coordination.task_not_found`. */
  readonly requireTask: (org: OrgId, task: TaskId) => Promise<unknown>;
  /** Why nothing can be said of the task any more; undefined while it is not over. Throws `coordination.task_not_found`. */
  readonly whyOver: (org: OrgId, task: TaskId) => Promise<AppError | undefined>;
  /** The verdicts that the task itself goes by. Throws `coordination.task_not_found`. */
  readonly gatesOf: (org: OrgId, task: TaskId, now: Date) => Promise<readonly GateVerdict[]>;
}
