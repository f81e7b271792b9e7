// The state machine of tasks, pure: a record is the fold of its events (C4).
//
// S1. `evolveTask` is the only way a record changes, here and when a stream is replayed.
// S2. A terminal state is never left.
// S3. `seq` counts the events of the stream without a gap.
// S4. A task that ends badly stays due until its assignments are closed too: `wakeAt` is the sweeper's, not history.
// S5. A task that waits says for whom, until when, and what happens on silence (C1): its state follows from its waits.
import { ImpossibleEvent } from './impossible-event.ts';
import {
  endedStates,
  taskStates,
  type AssignmentId,
  type Spend,
  type Task,
  type TaskEventBody,
  type TaskState,
  type Wait,
} from './schemas.ts';

const wakeAfterMs = 60_000;

const terminal: ReadonlySet<TaskState> = new Set(endedStates);
const unfinished: readonly TaskState[] = taskStates.filter((state) => !terminal.has(state));
/** Its assignments are under way, or wait for somebody. */
const underWay: readonly TaskState[] = ['working', 'paused', 'input_required', 'awaiting_approval', 'validating'];

export const isTaskOver = (task: Pick<Task, 'state'>) => terminal.has(task.state);
export const isTaskUnderWay = (task: Pick<Task, 'state'>) => underWay.includes(task.state);

/** False for a task whose start was set for later. */
export const isDue = ({ submission }: Pick<Task, 'submission'>, now: Date): boolean =>
  submission.startAt === undefined || Date.parse(submission.startAt) <= now.getTime();

/** May an analysis have asked a model what is on no record yet? */
export const hasOpenAnalysis = ({ state, owner }: Pick<Task, 'state' | 'owner'>): boolean =>
  state === 'analyzing' && owner !== null;

type LaterTaskEvent = Exclude<TaskEventBody, { type: 'task.submitted' }>;

const allowedFrom: Readonly<Record<LaterTaskEvent['type'], readonly TaskState[]>> = {
  'task.analyzing': ['submitted', 'analyzing'],
  'task.analyzed': ['submitted', 'analyzing'],
  'task.planned': ['submitted', 'analyzing'],
  'task.working': ['planned'],
  'task.plan_extended': underWay,
  'task.waiting': ['working', 'paused', 'input_required', 'awaiting_approval', 'validating'],
  'task.wait_over': ['paused', 'input_required', 'awaiting_approval', 'validating'],
  'task.paused': ['working', 'input_required', 'awaiting_approval', 'validating'],
  'task.resumed': ['paused'],
  'task.validating': ['working', 'validating'],
  'task.gates_evaluated': ['validating'],
  'task.spend_recorded': taskStates,
  'task.reporting': ['validating'],
  'task.completed': ['reporting'],
  'task.failed': unfinished,
  'task.canceled': unfinished,
  'task.rejected': unfinished,
};

/** The task after the event; `undefined` before the first one. Throws ImpossibleEvent. */
export const evolveTask = (task: Task | undefined, event: TaskEventBody, at: Date): Task => {
  if (event.type === 'task.submitted') {
    if (task) throw new ImpossibleEvent(task.state, event.type);
    return submittedTask(event.data, at);
  }
  if (!task || !allowedFrom[event.type].includes(task.state)) {
    throw new ImpossibleEvent(task?.state ?? 'none', event.type);
  }
  return { ...task, seq: task.seq + 1, updatedAt: at, ...changeOf(task, event, at) };
};

const submittedTask = (data: Extract<TaskEventBody, { type: 'task.submitted' }>['data'], at: Date): Task => ({
  ...data,
  state: 'submitted',
  seq: 1,
  epoch: 0,
  owner: null,
  analysis: null,
  plan: null,
  failure: null,
  waits: [],
  active: false,
  lostCalls: 0,
  costNanoUsd: null,
  calls: [],
  createdAt: at,
  updatedAt: at,
  wakeAt: wakeTime(data, at),
});

/** When the sweeper looks next: in a minute, at the deadline, or when a task for later is due. */
export const wakeTime = (
  { deadlineAt, submission }: Pick<Task, 'deadlineAt' | 'submission'>,
  at: Date,
  afterMs = wakeAfterMs,
): Date => {
  const startAt = submission.startAt ? Date.parse(submission.startAt) : 0;
  const next = Math.max(startAt, at.getTime() + afterMs);
  return new Date(Math.min(next, Math.max(deadlineAt.getTime(), at.getTime() + 1_000)));
};

/** What an event changes besides `seq` and `updatedAt`. */
const changeOf = (task: Task, event: LaterTaskEvent, at: Date): Partial<Task> => {
  switch (event.type) {
    case 'task.analyzing':
      return analyzing(task, event.data, at);
    case 'task.analyzed': {
      const { analysis, calls } = event.data;
      return { state: 'analyzing', active: true, analysis, calls: [...task.calls, ...calls] };
    }
    case 'task.planned':
      return planned(task, event.data);
    case 'task.plan_extended':
      return { plan: extended(task.plan, event.data.assignments) };
    case 'task.working':
      return { state: 'working', wakeAt: wakeTime(task, at) };
    case 'task.waiting':
    case 'task.wait_over':
    case 'task.paused':
    case 'task.resumed':
      return waitingChange(task, event, at);
    case 'task.validating':
      return { state: 'validating' };
    case 'task.reporting':
      return { state: 'reporting' };
    case 'task.completed':
      return { ...ended(task, event.data), state: 'completed', wakeAt: null };
    case 'task.failed':
    case 'task.rejected':
      return {
        ...ended(task, event.data),
        state: event.type === 'task.failed' ? 'failed' : 'rejected',
        failure: event.data.failure,
        wakeAt: at,
      };
    case 'task.canceled':
      return { ...ended(task, event.data), state: 'canceled', wakeAt: at };
    case 'task.spend_recorded':
      return { ...spendRecorded(task, event.data), calls: [...task.calls, ...event.data.calls] };
    case 'task.gates_evaluated':
      return {};
  }
};

const analyzing = (
  task: Task,
  { epoch, owner, lostCall }: Extract<TaskEventBody, { type: 'task.analyzing' }>['data'],
  at: Date,
): Partial<Task> => ({
  state: 'analyzing',
  active: true,
  epoch,
  owner,
  lostCalls: task.lostCalls + (lostCall ? 1 : 0),
  wakeAt: wakeTime(task, at),
});

const ended = (task: Task, { spend }: { spend: Spend }): Partial<Task> => ({
  active: false,
  owner: null,
  waits: [],
  costNanoUsd: spend.costNanoUsd,
  lostCalls: task.lostCalls + (hasOpenAnalysis(task) ? 1 : 0),
});

/** A call that counts as lost turns up after all; or an analysis says what it spent and ends, and none will count as lost. */
const spendRecorded = ({ state, epoch, lostCalls }: Task, data: { epoch: number }): Partial<Task> =>
  state === 'analyzing' && data.epoch === epoch ? { owner: null } : { lostCalls: Math.max(0, lostCalls - 1) };

const planned = (task: Task, data: Extract<TaskEventBody, { type: 'task.planned' }>['data']): Partial<Task> => {
  const { calls, width, ...plan } = data;
  return { state: 'planned', owner: null, plan, width, calls: [...task.calls, ...calls] };
};

const extended = (plan: Task['plan'], added: readonly AssignmentId[]): Task['plan'] =>
  plan && { ...plan, assignments: [...plan.assignments, ...added] };

type WaitingEvent = Extract<
  LaterTaskEvent,
  { type: 'task.waiting' | 'task.wait_over' | 'task.paused' | 'task.resumed' }
>;

const waitingChange = (task: Task, event: WaitingEvent, at: Date): Partial<Task> => {
  switch (event.type) {
    case 'task.waiting': {
      const waits = [...task.waits.filter(({ id }) => id !== event.data.wait.id), event.data.wait];
      return { waits, state: task.state === 'paused' ? 'paused' : stateFor(waits) };
    }
    case 'task.wait_over': {
      const waits = task.waits.filter(({ id }) => id !== event.data.id);
      return { waits, state: task.state === 'paused' ? 'paused' : stateFor(waits), wakeAt: wakeTime(task, at) };
    }
    case 'task.paused':
      return { state: 'paused' };
    case 'task.resumed':
      return { state: stateFor(task.waits), wakeAt: wakeTime(task, at) };
  }
};

const stateOfWait = { approval: 'awaiting_approval', input: 'input_required', evidence: 'validating' } as const;

/** S5: the latest wait is the one that is shown. */
const stateFor = (waits: readonly Wait[]): TaskState => {
  const latest = waits.at(-1);
  return latest ? stateOfWait[latest.kind] : 'working';
};
