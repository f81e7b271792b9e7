import type { TaskId } from '../../../coordination/schemas.ts';
import type { OrgId } from '../../../platform/schemas.ts';
import type { TaskStanding } from '../attest.ts';
import type { GateVerdict } from '../schemas.ts';

/** What these operations ask of the domain of tasks. It stands on this one, so the composition of the service brings it. */
export interface TaskSource {
  /** Throws `coordination.task_not_found`. */
  readonly requireTask: (org: OrgId, task: TaskId) => Promise<unknown>;
  /** Whose the task is, and why nothing can be said of it any more. Throws `coordination.task_not_found`. */
  readonly standingOf: (org: OrgId, task: TaskId) => Promise<TaskStanding>;
  /** The verdicts that the task itself goes by. Throws `coordination.task_not_found`. */
  readonly gatesOf: (org: OrgId, task: TaskId, now: Date) => Promise<readonly GateVerdict[]>;
}
