// A new task that begins where another one was: after any of its events, or, to try a failed task again, at its end. The other task
// stays as it is. Like any task, the new one waits for its turn; then it is planned by what the other had achieved (inherit-plan.ts).
import { AppError } from '../platform/errors.ts';
import type { ScopedKey } from '../platform/idempotency.ts';
import type { OrgId } from '../platform/schemas.ts';
import { coordinationErrors } from './errors.ts';
import { parseCursor } from './event-cursor.ts';
import { latestCursor } from './events.firestore.ts';
import { requestHash, taskIdFor } from './ids.ts';
import { endOfStory } from './inherit-plan.ts';
import type { Submitter, Task, TaskId } from './schemas.ts';
import { defaultDeadlineMs, makeOnce } from './submit-task.ts';
import { isTaskOver } from './task-state.ts';
import { requireTask } from './task-store.firestore.ts';

export interface Fork {
  readonly org: OrgId;
  readonly source: TaskId;
  /** Of the last event to take over; left out: all there are. */
  readonly cursor?: string | undefined;
  readonly key?: ScopedKey | undefined;
  readonly submittedBy: Submitter;
  readonly now: Date;
}

/** Throws `coordination.task_not_found`, `coordination.invalid_cursor`, `coordination.key_reused`. */
export const forkTask = async (fork: Fork): Promise<{ task: Task; replayed: boolean }> =>
  makeFork(fork, (await requireTask(fork.org, fork.source)).value);

/** Tries a task that ended badly again. Throws what `forkTask` throws, and `coordination.not_retryable`. */
export const retryTask = async (fork: Omit<Fork, 'cursor'>): Promise<{ task: Task; replayed: boolean }> => {
  const { value: source } = await requireTask(fork.org, fork.source);
  if (!isTaskOver(source) || source.state === 'completed') {
    throw new AppError(coordinationErrors.notRetryable, { detail: `It is ${source.state}.` });
  }
  return makeFork(fork, source);
};

const makeFork = async (fork: Fork, source: Task): Promise<{ task: Task; replayed: boolean }> => {
  const { org, cursor, submittedBy, now } = fork;
  if (cursor !== undefined) parseCursor(cursor);
  const { startAt: _startAt, deadline: _deadline, ...submission } = source.submission;
  return makeOnce(
    {
      id: taskIdFor(org, fork.key),
      org,
      submission,
      requestHash: requestHash({ fork: source.id, cursor: cursor ?? null }),
      submittedBy,
      deadlineAt: new Date(now.getTime() + defaultDeadlineMs),
      forkedFrom: { task: source.id, cursor: cursor ?? (await latestOf(source)) },
      queue: { ...source.queue, tag: now },
      width: source.width,
    },
    now,
  );
};

/** The story of a task that is not over goes on while its fork waits for its turn. */
const latestOf = async (source: Task): Promise<string> =>
  isTaskOver(source) ? endOfStory : latestCursor(source.org, source.id);
