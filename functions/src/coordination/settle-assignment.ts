// How a delivery becomes a result, whoever worked on it: a model, or an agent of the org's own.
//
// R3. The result, the artifact, the scratchpad entry, the end of the effect and the events are one commit.
// R4. Every model call made is recorded, also when its result came too late.
// R5. A result that rests on a decision above our authority waits for its approval; nothing that follows starts before.
import { createHash } from 'node:crypto';
import type { SpecialistDelivery } from '../agents/index.ts';
import type { Decision } from '../governance/schemas.ts';
import { addSignal, approvalsOfTask, newApproval, policyOf, requestApproval } from '../governance/index.ts';
import type { LlmCall } from '../llm/index.ts';
import { isError } from '../platform/errors.ts';
import { databaseTime, isLostRace, storeErrors, type Batch } from '../platform/firestore.ts';
import { writeEntry, type Notes } from '../scratchpads/index.ts';
import { assignmentChange, taskChange } from './changes.ts';
import { approvalWait, decideBy, notYetGranted, reasonOf } from './asking.ts';
import { coordinationErrors } from './errors.ts';
import { extendPlan } from './extend-plan.ts';
import { follow } from './follow.ts';
import type { HeldAssignment } from './held-assignment.ts';
import { judgeDelivery, type JudgedDelivery } from './judge-delivery.ts';
import { pauseAfter } from './on-conflict.ts';
import { requestMore } from './request-more.ts';
import type { Artifact, Assignment, AssignmentResult, Failure } from './schemas.ts';
import { submitterOf } from './submitter.ts';
import { findAssignment, findTask, saveTask } from './task-store.firestore.ts';

type Delivered = Extract<SpecialistDelivery, { outcome: 'delivered' }>;

/** As often as an output may be refused before the assignment fails, whoever made it. */
export const maxRepairs = 2;

/** Many may want to change the task at the same moment; the last of them waits for some seconds. */
const maxCommitTries = 12;

/** Commits the outcome, again if only the plan around it changed meanwhile: what was paid for is not thrown away for that. */
export const settle = async (held: HeldAssignment, delivery: SpecialistDelivery, tries = 1): Promise<void> => {
  try {
    if (delivery.outcome === 'delivered') return await deliver(held, delivery);
    if (delivery.outcome === 'needs') return await requestMore(held, delivery.needs, delivery.calls);
    const [first] = delivery.findings;
    const detail = first ? `${first.where}: ${first.message}` : coordinationErrors.artifactInvalid.title;
    await failAssignment(held, { code: coordinationErrors.artifactInvalid.code, detail }, delivery.calls);
  } catch (error) {
    if (isError(error, storeErrors.conflict) && tries < maxCommitTries && (await held.stillHolds())) {
      await pauseAfter(tries);
      return settle(held, delivery, tries + 1);
    }
    await recordLate(held.assignment, error, delivery.calls);
  }
};

const deliver = async (held: HeldAssignment, delivered: Delivered): Promise<void> => {
  const judged = await judgeDelivery(held.assignment, delivered.output);
  const above = await stillAbove(held.assignment, judged);
  return above.length > 0 ? awaitApproval(held, delivered, { ...judged, above }) : succeed(held, delivered, judged);
};

const stillAbove = async ({ org, task }: Assignment, { above }: JudgedDelivery): Promise<JudgedDelivery['above']> =>
  above.length === 0 ? above : notYetGranted(above, await approvalsOfTask(org, task));

const succeed = async (held: HeldAssignment, delivered: Delivered, judged: JudgedDelivery): Promise<void> => {
  const { assignment } = held;
  const now = databaseTime();
  const { check } = delivered;
  const extension = check.verdict === 'changes-needed' ? await extendPlan(assignment, check, now) : undefined;
  const artifact = artifactOf(assignment, delivered.output.artifact, now);
  const { value } = await held.end(
    'done',
    {
      type: 'assignment.succeeded',
      data: {
        result: resultOf(artifact, delivered, judged),
        successors: extension?.successors ?? assignment.successors,
        notes: delivered.output.notes,
        calls: [...delivered.calls],
      },
    },
    {
      artifact,
      also: (batch) => {
        writeEntry(batch, entryOf(assignment, delivered.output.notes, now));
        for (const alarm of judged.alarms) addSignal(batch, alarm, now);
      },
      ...(extension && { task: taskChange(extension.task, extension.events, now), others: extension.assignments }),
    },
  );
  await follow(value, [artifact]);
};

/** R5: the result, the request and the task's wait are one commit. */
const awaitApproval = async (held: HeldAssignment, delivered: Delivered, judged: JudgedDelivery): Promise<void> => {
  const { assignment } = held;
  const { org, task: id } = assignment;
  const [task, policy] = await Promise.all([findTask(org, id), policyOf(org)]);
  if (!task) return;
  const now = databaseTime();
  const artifact = artifactOf(assignment, delivered.output.artifact, now);
  const draft = {
    org,
    key: `${id}.${assignment.id}.${assignment.epoch}`,
    task: id,
    subject: { kind: 'decisions' as const, assignment: assignment.id, decisions: [...judged.above] },
    reason: reasonOf(judged.above),
    requestedBy: { kind: 'agent' as const, id: assignment.specialist },
    submittedBy: submitterOf(task.value),
    policy: policy.approvals,
    deadlineAt: decideBy(task.value, policy.approvals, now),
  };
  const approval = newApproval(draft, now);
  const wait = approvalWait(approval, assignment.id);
  await held.end(
    'done',
    {
      type: 'assignment.approval_requested',
      data: {
        result: resultOf(artifact, delivered, judged),
        approval: approval.id,
        notes: delivered.output.notes,
        calls: [...delivered.calls],
      },
    },
    {
      artifact,
      task: taskChange(task, [{ type: 'task.waiting', data: { wait } }], now),
      also: (batch: Batch) => {
        requestApproval(batch, draft, now);
        for (const alarm of judged.alarms) addSignal(batch, alarm, now);
        writeEntry(batch, entryOf(assignment, delivered.output.notes, now));
      },
    },
  );
};

const resultOf = (
  artifact: Artifact,
  { output, check }: Delivered,
  { comparedWith, unshown }: JudgedDelivery,
): AssignmentResult => ({
  artifact: artifact.id,
  title: artifact.title,
  summary: output.summary,
  metrics: check.metrics,
  verdict: check.verdict,
  concerns: [...check.concerns, ...output.concerns, ...unshown.map(concernAbout)],
  findings: [...check.findings],
  comparedWith,
});

const concernAbout = ({ kind, summary }: Decision): string => `Decided, and not seen in the work (${kind}): ${summary}`;

const entryOf = (
  { org, task, id, ordinal, specialist, epoch, startedAt }: Assignment,
  notes: Notes,
  writtenAt: Date,
) => ({
  org,
  task,
  assignment: id,
  ordinal,
  specialist,
  epoch,
  notes,
  began: startedAt,
  writtenAt,
});

const artifactOf = (
  { id, org, task, artifactKind, specialist, epoch }: Assignment,
  { title, content }: { title: string; content: string },
  createdAt: Date,
): Artifact => ({
  id,
  org,
  task,
  kind: artifactKind,
  title,
  content,
  sha256: createHash('sha256').update(content).digest('hex'),
  specialist,
  epoch,
  createdAt,
});

export const failAssignment = async (
  held: HeldAssignment,
  failure: Failure,
  calls: readonly LlmCall[] = [],
): Promise<void> => {
  const { value } = await held.end('failed', { type: 'assignment.failed', data: { failure, calls: [...calls] } });
  await follow(value);
};

/** The holder lost its claim: its result is refused, but what it spent was spent (R4). Any other error goes on. */
export const recordLate = async (lost: Assignment, error: unknown, calls: readonly LlmCall[]): Promise<void> => {
  if (!isLostRace(error)) throw error;
  await recordSpend(lost, calls);
};

const maxLateTries = 5;

const isHeldBy = ({ epoch, state }: Assignment, holder: Assignment): boolean =>
  epoch === holder.epoch && state === 'running';

/** Nobody but its holder ends a claim, but for whoever cancels the task. */
const hasEnded = (now: Assignment, holder: Assignment): boolean =>
  now.epoch === holder.epoch && now.state !== 'running' && now.state !== 'canceled';

const isSameCall = (one: LlmCall, other: LlmCall): boolean =>
  one.providerRequestId === other.providerRequestId &&
  one.provider === other.provider &&
  one.model === other.model &&
  one.startedAt.getTime() === other.startedAt.getTime();

/**
 * Also when it is nothing: until then it counts as unknown. External agents pay for themselves, and may still hold their claim. A commit
 * of the holder whose reply was lost may have said so already: then only what follows from it is done.
 */
export const recordSpend = async (lost: Assignment, calls: readonly LlmCall[]): Promise<void> => {
  const { org, task, id, leaseUntil } = lost;
  if (leaseUntil !== null) return;
  for (let tries = 0; tries < maxLateTries; tries++) {
    const stored = await findAssignment(org, task, id);
    if (!stored) return;
    if (hasEnded(stored.value, lost)) return follow(stored.value);
    const unsaid = calls.filter((call) => !stored.value.calls.some((other) => isSameCall(call, other)));
    const isSaid = calls.length > 0 || stored.value.lostCalls === 0;
    if (unsaid.length === 0 && isSaid && !isHeldBy(stored.value, lost)) return;
    const accounted = { type: 'assignment.spend_recorded' as const, data: { epoch: lost.epoch, calls: unsaid } };
    try {
      await saveTask({ org, id: task, assignments: [assignmentChange(stored, [accounted], databaseTime())] });
      return;
    } catch (again) {
      if (!isLostRace(again)) throw again;
    }
  }
};
