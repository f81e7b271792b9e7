// The state machine of assignments, pure. S1 to S3 of task-state.ts hold here too; besides:
//
// S6. An assignment has one result at most: it is set by the event that ends the work, and taken back only by an objection to a
//     result that was waiting for its approval.
// S7. Every claim raises the epoch, and only the holder of the latest one may end the work (C2).
import { ImpossibleEvent } from './impossible-event.ts';
import { timesInARow } from './retries.ts';
import {
  assignmentStates,
  type AnsweringModel,
  type Assignment,
  type AssignmentEventBody,
  type AssignmentState,
  type Remark,
} from './schemas.ts';

const terminal: ReadonlySet<AssignmentState> = new Set(['succeeded', 'failed', 'canceled']);
const unfinished = assignmentStates.filter((state) => !terminal.has(state));

export const isAssignmentOver = (assignment: Pick<Assignment, 'state'>) => terminal.has(assignment.state);

/** May a run of ours have asked a model what is on no record yet? External agents pay for what they ask themselves. */
export const hasOpenCall = ({
  state,
  owner,
  leaseUntil,
}: Pick<Assignment, 'state' | 'owner' | 'leaseUntil'>): boolean =>
  state === 'running' && owner !== null && leaseUntil === null;

/** The model that made the result; null for a specialist without one. */
export const modelBehind = ({ calls, answeredBy }: Pick<Assignment, 'calls' | 'answeredBy'>): AnsweringModel | null => {
  const answered = calls.findLast(({ outcome }) => outcome === 'ok');
  return answered ? { provider: answered.provider, model: answered.model } : answeredBy;
};

/**
 * When the work must be done: at the task's deadline, or by its own time limit, which counts from its first start and goes on while it
 * waits for a retry, for an answer or for parts.
 */
export const mustEndBy = ({
  deadlineAt,
  startedAt,
  timeoutSeconds,
}: Pick<Assignment, 'deadlineAt' | 'startedAt' | 'timeoutSeconds'>): Date =>
  startedAt && timeoutSeconds
    ? new Date(Math.min(deadlineAt.getTime(), startedAt.getTime() + timeoutSeconds * 1_000))
    : deadlineAt;

type Timed = Parameters<typeof mustEndBy>[0];

export const isTimeUp = (assignment: Timed, now: Date): boolean => mustEndBy(assignment) <= now;

/** A run of ours that is at work ends itself when its time is up, and says what it spent; only one that hangs takes longer. */
const graceMs = 30_000;

/** What has delivered in time may wait for its approval for longer; what a pause holds is looked at when it is resumed. */
const mayRunOut: ReadonlySet<AssignmentState> = new Set(['blocked', 'ready', 'running', 'input_required']);

/** Must it be failed by whoever looks, as its time is up and nobody is about to say so? */
export const isOverdue = (assignment: Timed & Parameters<typeof hasOpenCall>[0], now: Date): boolean =>
  mayRunOut.has(assignment.state) &&
  isTimeUp(assignment, hasOpenCall(assignment) ? new Date(now.getTime() - graceMs) : now);

type LaterEvent = Exclude<AssignmentEventBody, { type: 'assignment.created' }>;

const allowedFrom: Readonly<Record<LaterEvent['type'], readonly AssignmentState[]>> = {
  'assignment.adopted': ['blocked', 'ready'],
  'assignment.rewired': ['blocked', 'ready', 'paused'],
  'assignment.started': ['blocked', 'ready', 'running'],
  'assignment.lease_renewed': ['running'],
  'assignment.artifact_rejected': ['running'],
  'assignment.released': ['running'],
  'assignment.delegated': ['running'],
  'assignment.input_requested': ['running'],
  'assignment.input_given': ['input_required'],
  'assignment.request_refused': ['running'],
  'assignment.approval_requested': ['running'],
  'assignment.sent_back': ['awaiting_approval'],
  'assignment.paused': ['blocked', 'ready'],
  'assignment.resumed': ['paused'],
  'assignment.succeeded': ['running', 'awaiting_approval'],
  'assignment.failed': unfinished,
  'assignment.canceled': unfinished,
  'assignment.spend_recorded': assignmentStates,
};

/** The assignment after the event; `undefined` before the first one. Throws ImpossibleEvent. */
export const evolveAssignment = (
  assignment: Assignment | undefined,
  event: AssignmentEventBody,
  at: Date,
): Assignment => {
  if (event.type === 'assignment.created') {
    if (assignment) throw new ImpossibleEvent(assignment.state, event.type);
    return created(event.data);
  }
  if (!assignment || !allowedFrom[event.type].includes(assignment.state)) {
    throw new ImpossibleEvent(assignment?.state ?? 'none', event.type);
  }
  const calls = 'calls' in event.data ? [...assignment.calls, ...event.data.calls] : assignment.calls;
  return { ...assignment, seq: assignment.seq + 1, calls, ...changeOf(assignment, event, at) };
};

/** The tries that come are counted from here. */
const noFault = { failedTries: 0, lastFault: null } as const;

const created = (data: Extract<AssignmentEventBody, { type: 'assignment.created' }>['data']): Assignment => ({
  ...data,
  state: data.dependsOn.length === 0 ? 'ready' : 'blocked',
  seq: 1,
  epoch: 0,
  owner: null,
  agentVersion: null,
  leaseUntil: null,
  finishedBy: null,
  finishedFor: null,
  result: null,
  answeredBy: null,
  approval: null,
  question: null,
  asked: 0,
  remarks: [],
  failure: null,
  ...noFault,
  retryAt: null,
  calls: [],
  lostCalls: 0,
  startedAt: null,
  finishedAt: null,
});

/** What ends a try: nobody holds the assignment any more, and nothing of the next try is decided yet. */
const unheld = { owner: null, leaseUntil: null, retryAt: null } as const;

type DataOf<T extends LaterEvent['type']> = Extract<LaterEvent, { type: T }>['data'];

type Changes = {
  readonly [T in LaterEvent['type']]: (assignment: Assignment, data: DataOf<T>, at: Date) => Partial<Assignment>;
};

/** What ends the work for good, or until an approval is given. */
const finished = ({ owner, finishedBy, finishedFor }: Assignment, at: Date) => ({
  ...unheld,
  finishedAt: at,
  finishedBy: owner?.instance ?? finishedBy,
  finishedFor: owner?.message ?? finishedFor,
});

const withRemark = ({ remarks }: Assignment, { remark }: { readonly remark: Remark }) => ({
  remarks: [...remarks, remark],
});

/** What each event changes besides `seq` and `calls`. */
const changes: Changes = {
  'assignment.adopted': (before, { result, finishedAt, agentVersion, answeredBy }) => ({
    ...finished(before, finishedAt),
    ...{ state: 'succeeded', result, agentVersion, answeredBy },
  }),
  'assignment.rewired': ({ state }, { dependsOn }) =>
    state === 'ready' ? { dependsOn, state: 'blocked', retryAt: null } : { dependsOn },
  'assignment.started': (before, data, at) => started(before, data, at),
  'assignment.lease_renewed': (_, { leaseUntil }) => ({ leaseUntil }),
  'assignment.artifact_rejected': () => noFault,
  'assignment.released': (before, data) => ({ ...unheld, state: 'ready', ...failedTry(before, data) }),
  'assignment.delegated': (before, { dependsOn }) => ({ ...asked(before), state: 'blocked', dependsOn }),
  'assignment.input_requested': (before, { question }) => ({ ...asked(before), state: 'input_required', question }),
  'assignment.input_given': (before, data) => ({ state: 'ready', question: null, ...withRemark(before, data) }),
  'assignment.request_refused': (before, data) => ({ ...asked(before), state: 'ready', ...withRemark(before, data) }),
  'assignment.approval_requested': (before, { result, approval }, at) => ({
    ...finished(before, at),
    state: 'awaiting_approval',
    result,
    approval,
    failure: null,
  }),
  'assignment.sent_back': (before, data) => ({ ...sentBack, ...withRemark(before, data) }),
  'assignment.paused': () => ({ state: 'paused' }),
  'assignment.resumed': ({ dependsOn }) => ({ state: dependsOn.length === 0 ? 'ready' : 'blocked' }),
  'assignment.succeeded': (before, { result, successors }, at) => ({
    ...finished(before, at),
    state: 'succeeded',
    failure: null,
    result,
    successors,
  }),
  'assignment.failed': (before, { failure }, at) => ({ ...finished(before, at), state: 'failed', failure }),
  'assignment.canceled': (before, data, at) => ({
    ...unheld,
    state: 'canceled',
    finishedAt: at,
    lostCalls: lostAfter(before, data),
  }),
  'assignment.spend_recorded': (before, data) => spendRecorded(before, data),
};

const changeOf = <T extends LaterEvent['type']>(
  assignment: Assignment,
  { type, data }: { readonly type: T; readonly data: DataOf<T> },
  at: Date,
): Partial<Assignment> => changes[type](assignment, data, at);

const started = (assignment: Assignment, data: DataOf<'assignment.started'>, at: Date): Partial<Assignment> => ({
  state: 'running',
  epoch: data.epoch,
  owner: data.owner,
  leaseUntil: data.leaseUntil,
  agentVersion: data.agentVersion,
  retryAt: null,
  startedAt: assignment.startedAt ?? at,
  lostCalls: lostAfter(assignment, data),
});

const lostAfter = ({ lostCalls }: Assignment, { lostCall }: { lostCall: boolean }): number =>
  lostCalls + (lostCall ? 1 : 0);

/** A call that counts as lost turns up after all; or a holder says what it spent and leaves, and none will count as lost. */
const spendRecorded = (
  { state, epoch, lostCalls }: Assignment,
  data: DataOf<'assignment.spend_recorded'>,
): Partial<Assignment> =>
  state === 'running' && data.epoch === epoch
    ? { owner: null, leaseUntil: null }
    : { lostCalls: Math.max(0, lostCalls - 1) };

const failedTry = (before: Assignment, { failure, fault, retryAt }: DataOf<'assignment.released'>) => ({
  failure,
  retryAt,
  failedTries: before.failedTries + 1,
  lastFault: { fault, times: timesInARow(before, fault) + 1 },
});

const asked = ({ asked }: Assignment) => ({ ...unheld, ...noFault, asked: asked + 1 });

const sentBack = {
  state: 'ready',
  result: null,
  approval: null,
  finishedAt: null,
  finishedBy: null,
  finishedFor: null,
  ...noFault,
} as const;
