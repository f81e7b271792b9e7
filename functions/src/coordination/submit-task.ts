// Accepting a task: the same over HTTPS and Pub/Sub. The document's id follows from the idempotency key, so a replay meets the
// task that the first request made.
import { AppError, isError } from '../platform/errors.ts';
import { storeErrors } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { taskChange } from './changes.ts';
import { coordinationErrors } from './errors.ts';
import { requestHash, taskIdFor } from './ids.ts';
import { planFaults } from './plan.ts';
import type { Submission, Submitter, Task } from './schemas.ts';
import { findTask, saveTask } from './task-store.firestore.ts';

const defaultDeadlineMs = 60 * 60 * 1_000;

export interface Submit {
  readonly org: OrgId;
  readonly submission: Submission;
  readonly idempotencyKey?: string | undefined;
  readonly submittedBy: Submitter;
  readonly now: Date;
}

/**
 * Accepts a task; `replayed` when this key brought the same request before. Throws `coordination.invalid_plan`,
 * `coordination.deadline_in_past`, and `coordination.key_reused` when the key came with another request.
 */
export const submitTask = async (submit: Submit): Promise<{ task: Task; replayed: boolean }> => {
  const { org, submission, now } = submit;
  refuseUnsound(submission, now);
  const id = taskIdFor(org, submit.idempotencyKey);
  const change = taskChange(
    undefined,
    [
      {
        type: 'task.submitted',
        data: {
          id,
          org,
          submission,
          requestHash: requestHash(submission),
          submittedBy: submit.submittedBy,
          deadlineAt: submission.deadline ? new Date(submission.deadline) : new Date(now.getTime() + defaultDeadlineMs),
        },
      },
    ],
    now,
  );
  try {
    await saveTask({ org, id, task: change });
    return { task: change.after, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { task: await sameRequest(change.after), replayed: true };
  }
};

const refuseUnsound = ({ plan, deadline }: Submission, now: Date): void => {
  const faults = plan ? planFaults(plan) : [];
  if (faults.length > 0) {
    const errors = faults.map(({ pointer, detail }) => ({ pointer: `#/plan${pointer}`, detail }));
    throw new AppError(coordinationErrors.invalidPlan, { errors });
  }
  if (deadline && new Date(deadline) <= now) {
    throw new AppError(coordinationErrors.deadlineInPast, {
      errors: [{ pointer: '#/deadline', detail: 'must be in the future' }],
    });
  }
};

const sameRequest = async (wanted: Task): Promise<Task> => {
  const stored = await findTask(wanted.org, wanted.id);
  if (stored?.value.requestHash !== wanted.requestHash) throw new AppError(coordinationErrors.keyReused);
  return stored.value;
};
