// The life of an approval request: pending → approved | rejected | expired | withdrawn.
//
// A1. A request is decided once: nothing follows any of these states.
// A2. It always has an end: by a decision, by its deadline and what silence stands for, or with its task (C1). Where silence pauses
//     the task, the request ends with it.
// A7. Who may decide is reminded after half of the policy's time, and again when it is over and silence pauses the task.
// A3. `history` says everything that happened to it, in order.
import { AppError } from '../../platform/errors.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { governanceErrors } from '../errors.ts';
import type { ApprovalPolicy } from '../policy/schemas.ts';
import { approvalIdFor } from './ids.ts';
import type { Approval, ApprovalEvent, ApprovalOutcome, ApprovalState, ApprovalSubject, Requester } from './schemas.ts';

export interface ApprovalDraft {
  readonly org: OrgId;
  /** What makes it this request and no other: asking twice with one key is one request (C9). */
  readonly key: string;
  /** Null when it concerns no task. */
  readonly task: string | null;
  readonly subject: ApprovalSubject;
  /** A sentence for whoever decides. */
  readonly reason: string;
  readonly requestedBy: Requester;
  /** The uid of whoever submitted the task, where a person did. */
  readonly submittedBy?: string | null;
  readonly requestKey?: string | null;
  readonly policy: ApprovalPolicy;
  /** Instead of the policy's deadline, when the work cannot wait that long. */
  readonly deadlineAt?: Date;
}

/** A request as it begins. */
export const newApproval = (draft: ApprovalDraft, now: Date): Approval => {
  const { org, key, task, subject, reason, requestedBy, submittedBy = null, requestKey = null, policy } = draft;
  const deadlineAt = draft.deadlineAt ?? new Date(now.getTime() + policy.deadlineMinutes * 60_000);
  const remindAt = reminderAfter(
    now,
    Math.min(policy.deadlineMinutes * 60_000, deadlineAt.getTime() - now.getTime()) / 2,
  );
  return {
    id: approvalIdFor(org, key),
    org,
    task,
    subject,
    reason,
    requestedBy,
    submittedBy,
    requestKey,
    state: 'pending',
    mayDecide: [...policy.mayDecide],
    delegatedTo: null,
    deadlineAt,
    onSilence: policy.onSilence,
    remindAt,
    decision: null,
    history: [{ type: 'requested', at: now, by: requestedBy }],
    createdAt: now,
    wakeAt: remindAt,
  };
};

const reminderAfter = (from: Date, ms: number): Date => new Date(from.getTime() + Math.max(0, ms));

export type LaterEvent = Exclude<ApprovalEvent, { type: 'requested' }>;

/** The request after an event. Throws `governance.approval_is_over` when nothing can happen to it any more (A1). */
export const evolveApproval = (approval: Approval, event: LaterEvent): Approval => {
  if (approval.state !== 'pending') throw isOver(approval);
  const history = [...approval.history, event];
  switch (event.type) {
    case 'delegated':
      return { ...approval, history, delegatedTo: event.to };
    case 'approved': {
      const { at, by, comment } = event;
      return { ...approval, history, state: 'approved', decision: { at, by, comment, rework: false }, wakeAt: null };
    }
    case 'rejected': {
      const { at, by, comment, rework } = event;
      return { ...approval, history, state: 'rejected', decision: { at, by, comment, rework }, wakeAt: null };
    }
    case 'reminded': {
      const remindAt = nextReminder(approval);
      return { ...approval, history, remindAt, wakeAt: remindAt ?? endAt(approval) };
    }
    case 'expired':
      return { ...approval, history, state: 'expired', wakeAt: null };
    case 'withdrawn':
      return { ...approval, history, state: 'withdrawn', wakeAt: null };
  }
};

/** After the first reminder there is another one, as long after it as it came, if silence only pauses the task. */
const nextReminder = ({ createdAt, remindAt, onSilence, deadlineAt, history }: Approval): Date | null => {
  if (onSilence !== 'pause' || remindAt === null || history.some(({ type }) => type === 'reminded')) return null;
  const second = new Date(2 * remindAt.getTime() - createdAt.getTime());
  return second < deadlineAt ? second : null;
};

/** Where silence pauses the task, the end of the task withdraws the request. */
const endAt = ({ onSilence, deadlineAt }: Approval): Date | null => (onSilence === 'pause' ? null : deadlineAt);

export const isOver = ({ state, deadlineAt }: Approval) =>
  new AppError(governanceErrors.approvalIsOver, { detail: endOf(state, deadlineAt) });

const endOf = (state: ApprovalState, deadlineAt: Date): string => {
  if (state === 'withdrawn') return 'Its task was over before anybody decided.';
  return state === 'pending' || state === 'expired'
    ? `Its deadline was ${deadlineAt.toISOString()}.`
    : `It was ${state} already.`;
};

/** What the request comes to: an expired one to what silence stands for. */
export const outcomeOf = ({ state, onSilence }: Pick<Approval, 'state' | 'onSilence'>): ApprovalOutcome => {
  switch (state) {
    case 'pending':
      return 'pending';
    case 'approved':
      return 'granted';
    case 'rejected':
    case 'withdrawn':
      return 'refused';
    case 'expired':
      return onSilence === 'approve' ? 'granted' : 'refused';
  }
};

/** Expires a request whose deadline has come; any other stays as it is. */
export const expire = (approval: Approval, now: Date): Approval =>
  approval.state === 'pending' && approval.onSilence !== 'pause' && approval.deadlineAt <= now
    ? evolveApproval(approval, { type: 'expired', at: now, effect: approval.onSilence })
    : approval;

/** Notes that those who may decide are reminded, when it is time; any other request stays as it is. */
export const remind = (approval: Approval, now: Date): Approval =>
  approval.state === 'pending' && approval.remindAt !== null && approval.remindAt <= now && now < approval.deadlineAt
    ? evolveApproval(approval, { type: 'reminded', at: now })
    : approval;

/** Withdraws a request that nobody has decided; any other stays as it is. */
export const withdraw = (approval: Approval, now: Date): Approval =>
  approval.state === 'pending' ? evolveApproval(approval, { type: 'withdrawn', at: now }) : approval;
