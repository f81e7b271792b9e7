// Accepting a task: the same over HTTPS and Pub/Sub. The document's id follows from the idempotency key, so a replay meets the
// task that the first request made.
import { agentsOf } from '../agents/index.ts';
import { AppError, isError, type FieldError } from '../platform/errors.ts';
import { storeErrors } from '../platform/firestore.ts';
import type { ScopedKey } from '../platform/idempotency.ts';
import type { OrgId } from '../platform/schemas.ts';
import { expectedWidth, rankOf } from './admission.ts';
import { taskChange } from './changes.ts';
import { coordinationErrors } from './errors.ts';
import { requestHash, taskIdFor } from './ids.ts';
import { agentFaults, planFaults } from './plan.ts';
import type { Submission, Submitter, Task, TaskEventBody } from './schemas.ts';
import { findTask, saveTask } from './task-store.firestore.ts';
import { whyFull } from './waiting-tasks.ts';

/** Of a task that names none: from when it is handed in or from its `startAt`, also while it waits for its turn. */
export const defaultDeadlineMs = 24 * 60 * 60 * 1_000;

export interface Submit {
  readonly org: OrgId;
  readonly submission: Submission;
  readonly key?: ScopedKey | undefined;
  readonly submittedBy: Submitter;
  readonly now: Date;
}

/**
 * Accepts a task; `replayed` when this key brought the same request before, even if it could not be accepted any more: a duplicate may
 * come after its deadline (C9). Throws `coordination.invalid_plan`, `coordination.deadline_in_past`, `coordination.too_many_waiting`,
 * and `coordination.key_reused` when the key came with another request.
 */
export const submitTask = async (submit: Submit): Promise<{ task: Task; replayed: boolean }> => {
  const { org, submission, now } = submit;
  const id = taskIdFor(org, submit.key);
  const hash = requestHash(submission);
  const refusal = await refusalOf(org, submission, now);
  if (refusal) {
    const accepted = await findTask(org, id);
    if (accepted?.value.requestHash !== hash) throw refusal;
    return { task: accepted.value, replayed: true };
  }
  return makeOnce(
    {
      id,
      org,
      submission,
      requestHash: hash,
      submittedBy: submit.submittedBy,
      deadlineAt: deadlineOf(submission, now),
      forkedFrom: null,
      queue: { rank: rankOf(submission.priority), tag: startOf(submission, now) },
      width: expectedWidth(submission),
    },
    now,
  );
};

type Submitted = Extract<TaskEventBody, { type: 'task.submitted' }>['data'];

/**
 * Makes the task; `replayed` when the same request had made it before. Throws `coordination.key_reused` when another one had, and
 * `coordination.too_many_waiting`.
 */
export const makeOnce = async (data: Submitted, now: Date): Promise<{ task: Task; replayed: boolean }> => {
  const { org, id } = data;
  const change = taskChange(undefined, [{ type: 'task.submitted', data }], now);
  const full = await whyFull(org);
  if (full && !(await findTask(org, id))) throw full;
  try {
    await saveTask({ org, id, task: change });
    return { task: change.after, replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { task: await sameRequest(change.after), replayed: true };
  }
};

const deadlineOf = (submission: Submission, now: Date): Date =>
  submission.deadline
    ? new Date(submission.deadline)
    : new Date(startOf(submission, now).getTime() + defaultDeadlineMs);

const startOf = ({ startAt }: Submission, now: Date): Date =>
  startAt ? new Date(Math.max(Date.parse(startAt), now.getTime())) : now;

/** Why it cannot be accepted now; undefined when it can. */
const refusalOf = async (org: OrgId, submission: Submission, now: Date): Promise<AppError | undefined> => {
  const { plan, deadline, startAt } = submission;
  const faults = plan
    ? [...planFaults(plan), ...agentFaults(plan, await agentsOf(org)), ...sizeFaults(submission)]
    : [];
  if (faults.length > 0) {
    const errors = faults.map(({ pointer, detail }) => ({ pointer: `#/plan${pointer}`, detail }));
    return new AppError(coordinationErrors.invalidPlan, { errors });
  }
  if (deadline && new Date(deadline) <= now) return tooEarly('must be in the future');
  if (deadline && startAt && new Date(deadline) <= new Date(startAt)) return tooEarly('must be after startAt');
  return undefined;
};

/** The task and its first event hold all of it, and more is added; Firestore takes 1 MiB in a document. */
const maxSubmissionBytes = 900_000;
/** A plan is written in one commit, and Firestore takes 10 MiB: https://firebase.google.com/docs/firestore/quotas */
const maxPlanBytes = 8_000_000;

/** Only a plan can be that large. As JSON it takes about what it takes when it is stored. */
const sizeFaults = (submission: Submission): FieldError[] => {
  const { plan = [], title, description, service } = submission;
  // Each assignment carries what its task is about, in its record and in its first event.
  const planned = 2 * (bytesOf(plan) + plan.length * bytesOf({ title, description, service }));
  return [
    ...tooLarge(bytesOf(submission), maxSubmissionBytes, 'with the rest of the task'),
    ...tooLarge(planned, maxPlanBytes, "with the task's description in each assignment"),
  ];
};

const tooLarge = (bytes: number, most: number, what: string): FieldError[] =>
  bytes <= most ? [] : [{ pointer: '', detail: `takes ${bytes} bytes ${what}, and ${most} is the most` }];

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const tooEarly = (detail: string) =>
  new AppError(coordinationErrors.deadlineInPast, { errors: [{ pointer: '#/deadline', detail }] });

const sameRequest = async (wanted: Task): Promise<Task> => {
  const stored = await findTask(wanted.org, wanted.id);
  if (stored?.value.requestHash !== wanted.requestHash) throw new AppError(coordinationErrors.keyReused);
  return stored.value;
};
