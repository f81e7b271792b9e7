// The state machine of tasks, pure: a record is the fold of its events (C4).
//
// S1. `evolveTask` is the only way a record changes, here and when a stream is replayed.
// S2. A terminal state is never left.
// S3. `seq` counts the events of the stream without a gap.
// S4. A task that ends badly stays due until its assignments are closed too: `wakeAt` is the sweeper's, not history.
// S5. A task that waits says for whom, until when, and what happens on silence (C1): its state follows from its waits.
// S6. From its analysis to its end a task takes a share of its org's capacity (`active`), except while it waits for evidence: its work is
//     all done then.
import { ImpossibleEvent } from './impossible-event.ts';
import {
  endedStates,
  taskStates,
  type AssignmentId,
  type Spend,
  type Submission,
  type Task,
  type TaskEventBody,
  type TaskState,
  type Wait,
} from './schemas.ts';

/** Longer than what follows a change takes to begin. The sweeper comes by once a minute and finds what was left undone. */
const wakeAfterMs = 10_000;

const terminal: ReadonlySet<TaskState> = new Set(endedStates);
const unfinished: readonly TaskState[] = taskStates.filter((state) => !terminal.has(state));
/** Its assignments are under way, or wait for somebody. */
const underWay: readonly TaskState[] = ['working', 'paused', 'input_required', 'awaiting_approval', 'validating'];

export const isTaskOver = (task: Pick<Task, 'state'>) => terminal.has(task.state);
export const isTaskUnderWay = (task: Pick<Task, 'state'>) => underWay.includes(task.state);

/** False for a task whose start was set for later. */
export const isDue = ({ submission }: { readonly submission: Pick<Submission, 'startAt'> }, now: Date): boolean =>
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
  'task.wait_over': ['working', 'paused', 'input_required', 'awaiting_approval', 'validating'],
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

/** From when on the sweeper looks: after a while, at the deadline, or when a task for later is due. */
export const wakeTime = (
  { deadlineAt, submission }: Pick<Task, 'deadlineAt' | 'submission'>,
  at: Date,
  afterMs = wakeAfterMs,
): Date => {
  const startAt = submission.startAt ? Date.parse(submission.startAt) : 0;
  const next = Math.max(startAt, at.getTime() + afterMs);
  return new Date(Math.min(next, Math.max(deadlineAt.getTime(), at.getTime() + 1_000)));
};

type DataOf<T extends LaterTaskEvent['type']> = Extract<LaterTaskEvent, { type: T }>['data'];

type Changes = { readonly [T in LaterTaskEvent['type']]: (task: Task, data: DataOf<T>, at: Date) => Partial<Task> };

/** What each event changes besides `seq` and `updatedAt`. */
const changes: Changes = {
  'task.analyzing': (task, data, at) => analyzing(task, data, at),
  'task.analyzed': (task, { analysis, calls }) => ({
    state: 'analyzing',
    active: true,
    analysis,
    calls: [...task.calls, ...calls],
  }),
  'task.planned': (task, data) => ({ ...planned(task, data), active: true }),
  'task.working': (task, _, at) => ({ state: 'working', wakeAt: wakeTime(task, at) }),
  'task.plan_extended': (task, { assignments }) => ({ plan: extended(task.plan, assignments) }),
  'task.waiting': (task, { wait }) => waitingFor(task, [...others(task, wait.id), wait]),
  'task.wait_over': (task, { id }, at) => ({ ...waitingFor(task, others(task, id)), wakeAt: wakeTime(task, at) }),
  'task.paused': () => ({ state: 'paused' }),
  'task.resumed': (task, _, at) => ({ state: stateFor(task.waits), wakeAt: wakeTime(task, at) }),
  'task.validating': () => ({ state: 'validating' }),
  'task.gates_evaluated': () => ({}),
  'task.reporting': () => ({ state: 'reporting' }),
  'task.completed': (task, data) => ({ ...ended(task, data), state: 'completed', wakeAt: null }),
  'task.failed': (task, data, at) => ({ ...endedBadly(task, data, at), state: 'failed', failure: data.failure }),
  'task.rejected': (task, data, at) => ({ ...endedBadly(task, data, at), state: 'rejected', failure: data.failure }),
  'task.canceled': (task, data, at) => ({ ...endedBadly(task, data, at), state: 'canceled' }),
  'task.spend_recorded': (task, data) => ({ ...spendRecorded(task, data), calls: [...task.calls, ...data.calls] }),
};

const changeOf = <T extends LaterTaskEvent['type']>(
  task: Task,
  { type, data }: { readonly type: T; readonly data: DataOf<T> },
  at: Date,
): Partial<Task> => changes[type](task, data, at);

const analyzing = (task: Task, { epoch, owner, lostCall }: DataOf<'task.analyzing'>, at: Date): Partial<Task> => ({
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

/** S4. */
const endedBadly = (task: Task, data: { spend: Spend }, at: Date): Partial<Task> => ({
  ...ended(task, data),
  wakeAt: at,
});

/** A call that counts as lost turns up after all; or an analysis says what it spent and ends, and none will count as lost. */
const spendRecorded = ({ state, epoch, lostCalls }: Task, data: { epoch: number }): Partial<Task> =>
  state === 'analyzing' && data.epoch === epoch ? { owner: null } : { lostCalls: Math.max(0, lostCalls - 1) };

const planned = (task: Task, data: DataOf<'task.planned'>): Partial<Task> => {
  const { calls, width, ...plan } = data;
  return { state: 'planned', owner: null, plan, width, calls: [...task.calls, ...calls] };
};

const extended = (plan: Task['plan'], added: readonly AssignmentId[]): Task['plan'] =>
  plan && { ...plan, assignments: [...plan.assignments, ...added] };

const others = ({ waits }: Task, id: string): Wait[] => waits.filter((wait) => wait.id !== id);

const waitingFor = ({ state }: Task, waits: Wait[]): Partial<Task> => ({
  waits,
  state: state === 'paused' ? 'paused' : stateFor(waits),
  active: !waits.some(({ kind }) => kind === 'evidence'),
});

/** Work that a provider or an agent is in the way of is tried again: it is at work. */
const stateOfWait = {
  approval: 'awaiting_approval',
  input: 'input_required',
  evidence: 'validating',
  provider: 'working',
  agent: 'working',
} as const satisfies Readonly<Record<Wait['kind'], TaskState>>;

/** S5: the latest wait for somebody's word is the one that is shown. */
const stateFor = (waits: readonly Wait[]): TaskState =>
  waits.map(({ kind }) => stateOfWait[kind]).findLast((state) => state !== 'working') ?? 'working';
