// What follows from a decision on an approval request. Started by the change of the request, and again by the sweeper (C5): what was
// done before is not done twice, as the assignment no longer waits for that request.
import { outcomeOf } from '../governance/index.ts';
import type { Approval } from '../governance/schemas.ts';
import type { Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { dispatch, dispatchIfReady } from './dispatch.ts';
import { coordinationErrors } from './errors.ts';
import { extendPlan } from './extend-plan.ts';
import { endTask, finishTask } from './finish-task.ts';
import { follow } from './follow.ts';
import { heldIfPaused } from './hold.ts';
import { onConflict } from './on-conflict.ts';
import { taskId, type Assignment, type Remark, type Task, type TaskEventBody, type TaskId } from './schemas.ts';
import { findTask, saveTask, taskAndAssignment } from './task-store.firestore.ts';

/** Draws the consequences of a request that is decided or expired; nothing while it is pending. */
export const resumeAfter = async (approval: Approval, now: Date): Promise<void> => {
  const { org, subject } = approval;
  // What concerns the org and no task has taken effect with the decision.
  if (approval.task === null) return;
  const id = taskId.parse(approval.task);
  if (approval.state === 'withdrawn' || outcomeOf(approval) === 'pending') return;
  if (subject.kind === 'decisions') {
    const place = { org, id, assignment: subject.assignment };
    return onConflict(() => resumeAssignment(approval, place, now));
  }
  return subject.kind === 'publication' ? onConflict(() => resumeTask(approval, id, now)) : finishTask(org, id, now);
};

/** What a task wants to publish was approved, or not. */
const resumeTask = async (approval: Approval, id: TaskId, now: Date): Promise<void> => {
  const { org, decision } = approval;
  if (outcomeOf(approval) === 'refused') {
    return reject({ org, id, by: decision?.by.uid ?? 'silence', detail: commentOf(approval) });
  }
  const task = await findTask(org, id);
  if (task?.value.waits.some((wait) => wait.id === approval.id)) {
    await saveTask({ org, id, task: taskChange(task, [waitOver(approval)], now) });
  }
  await finishTask(org, id, now);
};

const commentOf = ({ decision }: Approval): string => decision?.comment || 'Nobody approved it in time.';

interface Place {
  readonly org: OrgId;
  readonly id: TaskId;
  readonly assignment: string;
}

const resumeAssignment = async (approval: Approval, place: Place, now: Date): Promise<void> => {
  const { org, id } = place;
  const [task, stored] = await taskAndAssignment(org, id, place.assignment);
  if (!task || !stored) return;
  if (stored.value.approval !== approval.id) return dispatchIfReady(task.value, stored);
  if (stored.value.state === 'succeeded') return follow(stored.value);
  if (stored.value.state !== 'awaiting_approval') return;
  const paused = { approval, task, stored, now };
  await (outcomeOf(approval) === 'granted' ? accept(paused) : refuse(paused));
};

interface Paused {
  readonly approval: Approval;
  readonly task: Stored<Task>;
  readonly stored: Stored<Assignment>;
  readonly now: Date;
}

const waitOver = ({ id, state, decision }: Approval): TaskEventBody => ({
  type: 'task.wait_over',
  data: { id, outcome: state, by: decision?.by.uid ?? 'silence' },
});

/** The result counts from now on. A review that asks for changes grows the plan as it would have without the wait. */
const accept = async ({ approval, task, stored, now }: Paused): Promise<void> => {
  const { org, task: id, result, successors } = stored.value;
  if (!result) return;
  const extension = result.verdict === 'changes-needed' ? await extendPlan(stored.value, result, now) : undefined;
  const events = [waitOver(approval), ...(extension?.events ?? [])];
  const succeeded = assignmentChange(
    stored,
    [
      {
        type: 'assignment.succeeded',
        data: { result, successors: extension?.successors ?? successors, notes: {}, calls: [] },
      },
    ],
    now,
  );
  await saveTask({
    org,
    id,
    task: taskChange(task, events, now),
    assignments: [succeeded, ...(extension?.assignments ?? [])],
  });
  await follow(succeeded.after);
};

const refuse = async ({ approval, task, stored, now }: Paused): Promise<void> => {
  const { org, task: id } = stored.value;
  const by = approval.decision?.by.uid ?? 'silence';
  const comment = commentOf(approval);
  if (!approval.decision?.rework) return reject({ org, id, by, detail: `${stored.value.id}: ${comment}` });
  const remark: Remark = { kind: 'objection', about: approval.reason, text: comment, by, at: now };
  const objected = assignmentChange(stored, [{ type: 'assignment.sent_back', data: { remark } }], now);
  const sentBack = heldIfPaused(task.value, objected);
  const revision = await saveTask({
    org,
    id,
    task: taskChange(task, [waitOver(approval)], now),
    assignments: [sentBack],
  });
  if (sentBack.after.state === 'ready') await dispatch({ value: sentBack.after, revision });
};

const reject = async ({
  org,
  id,
  by,
  detail,
}: {
  org: OrgId;
  id: TaskId;
  by: string;
  detail: string;
}): Promise<void> => {
  const failure = { code: coordinationErrors.rejected.code, detail };
  await endTask(org, id, (spend) => ({
    ending: { state: 'rejected', failure },
    event: { type: 'task.rejected', data: { by, failure, spend } },
  }));
};
