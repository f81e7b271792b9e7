// The state machines of tasks and assignments, pure: a record is the fold of its events (C4).
//
// S1. `evolve*` is the only way a record changes, here and when a stream is replayed.
// S2. A terminal state is never left.
// S3. `seq` counts the events of the stream without a gap.
// S4. A task that fails or is cancelled stays due until its assignments are closed too: `wakeAt` is the sweeper's, not history.
import {
  assignmentStates,
  taskStates,
  type Assignment,
  type AssignmentEventBody,
  type AssignmentId,
  type AssignmentState,
  type Task,
  type TaskEventBody,
  type TaskState,
} from './schemas.ts';

const wakeAfterMs = 60_000;

const terminalTaskStates: ReadonlySet<TaskState> = new Set(['completed', 'failed', 'canceled', 'rejected']);
const terminalAssignmentStates: ReadonlySet<AssignmentState> = new Set(['succeeded', 'failed', 'canceled']);

export const isTaskOver = (task: Pick<Task, 'state'>) => terminalTaskStates.has(task.state);
export const isAssignmentOver = (assignment: Pick<Assignment, 'state'>) =>
  terminalAssignmentStates.has(assignment.state);

/** The event does not fit the state: a programming error, or a corrupt stream. */
export class ImpossibleEvent extends Error {
  constructor(state: string, type: string) {
    super(`Event ${type} cannot happen in state ${state}.`);
  }
}

interface Step<S> {
  readonly from: readonly S[];
  /** Left out where the event changes no state. */
  readonly to?: S;
}

const unfinished: readonly TaskState[] = taskStates.filter((state) => !terminalTaskStates.has(state));

const taskSteps: Readonly<Record<Exclude<TaskEventBody['type'], 'task.submitted'>, Step<TaskState>>> = {
  'task.analyzing': { from: ['submitted', 'analyzing'], to: 'analyzing' },
  'task.analyzed': { from: ['submitted', 'analyzing'], to: 'analyzing' },
  'task.planned': { from: ['analyzing'], to: 'planned' },
  'task.working': { from: ['planned'], to: 'working' },
  'task.plan_extended': { from: ['working'] },
  'task.validating': { from: ['working'], to: 'validating' },
  'task.gates_evaluated': { from: ['validating'] },
  'task.reporting': { from: ['validating'], to: 'reporting' },
  'task.completed': { from: ['reporting'], to: 'completed' },
  'task.failed': { from: unfinished, to: 'failed' },
  'task.canceled': { from: unfinished, to: 'canceled' },
};

/** The task after the event; `undefined` before the first one. Throws ImpossibleEvent. */
export const evolveTask = (task: Task | undefined, event: TaskEventBody, at: Date): Task => {
  if (event.type === 'task.submitted') {
    if (task) throw new ImpossibleEvent(task.state, event.type);
    return submittedTask(event.data, at);
  }
  const step = taskSteps[event.type];
  if (!task || !step.from.includes(task.state)) throw new ImpossibleEvent(task?.state ?? 'none', event.type);
  const state = step.to ?? task.state;
  return { ...task, state, seq: task.seq + 1, updatedAt: at, ...taskChange(task, event, at) };
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
  calls: [],
  createdAt: at,
  updatedAt: at,
  wakeAt: wakeTime(at, data.deadlineAt),
});

/** The sweeper comes by once a minute, and at the deadline. */
export const wakeTime = (at: Date, deadlineAt: Date): Date =>
  new Date(Math.min(at.getTime() + wakeAfterMs, Math.max(deadlineAt.getTime(), at.getTime() + 1_000)));

/** What an event changes besides the state. */
const taskChange = (task: Task, event: Exclude<TaskEventBody, { type: 'task.submitted' }>, at: Date): Partial<Task> => {
  switch (event.type) {
    case 'task.analyzing':
      return { epoch: event.data.epoch, owner: event.data.owner, wakeAt: wakeTime(at, task.deadlineAt) };
    case 'task.analyzed':
      return { analysis: event.data.analysis, calls: [...task.calls, ...event.data.calls] };
    case 'task.planned': {
      const { calls, ...plan } = event.data;
      return { owner: null, plan, calls: [...task.calls, ...calls] };
    }
    case 'task.plan_extended':
      return { plan: extended(task.plan, event.data.assignments) };
    case 'task.working':
      return { wakeAt: wakeTime(at, task.deadlineAt) };
    case 'task.completed':
      return { wakeAt: null, owner: null };
    case 'task.failed':
      return { failure: event.data.failure, wakeAt: at, owner: null };
    case 'task.canceled':
      return { wakeAt: at, owner: null };
    case 'task.validating':
    case 'task.gates_evaluated':
    case 'task.reporting':
      return {};
  }
};

const extended = (plan: Task['plan'], added: readonly AssignmentId[]): Task['plan'] =>
  plan && { ...plan, assignments: [...plan.assignments, ...added] };

const assignmentAllowedFrom: Readonly<
  Record<Exclude<AssignmentEventBody['type'], 'assignment.created'>, readonly AssignmentState[]>
> = {
  'assignment.rewired': ['blocked'],
  'assignment.started': ['blocked', 'ready', 'running'],
  'assignment.artifact_rejected': ['running'],
  'assignment.released': ['running'],
  'assignment.succeeded': ['running'],
  'assignment.failed': ['blocked', 'ready', 'running', 'awaiting_approval'],
  'assignment.canceled': ['blocked', 'ready', 'running', 'awaiting_approval'],
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
    return createdAssignment(event.data);
  }
  if (!assignment || !assignmentAllowedFrom[event.type].includes(assignment.state)) {
    throw new ImpossibleEvent(assignment?.state ?? 'none', event.type);
  }
  return { ...assignment, seq: assignment.seq + 1, ...assignmentChange(assignment, event, at) };
};

const createdAssignment = (data: Extract<AssignmentEventBody, { type: 'assignment.created' }>['data']): Assignment => ({
  ...data,
  state: data.dependsOn.length === 0 ? 'ready' : 'blocked',
  seq: 1,
  epoch: 0,
  owner: null,
  result: null,
  failure: null,
  calls: [],
  lostCalls: 0,
  startedAt: null,
  finishedAt: null,
});

const assignmentChange = (
  assignment: Assignment,
  event: Exclude<AssignmentEventBody, { type: 'assignment.created' }>,
  at: Date,
): Partial<Assignment> => {
  const withCalls = (calls: Assignment['calls']) => ({ calls: [...assignment.calls, ...calls] });
  switch (event.type) {
    case 'assignment.rewired':
      return { dependsOn: event.data.dependsOn };
    case 'assignment.started':
      return {
        state: 'running',
        epoch: event.data.epoch,
        owner: event.data.owner,
        startedAt: assignment.startedAt ?? at,
        lostCalls: assignment.lostCalls + (event.data.lostCall ? 1 : 0),
      };
    case 'assignment.artifact_rejected':
      return withCalls(event.data.calls);
    case 'assignment.released':
      return { state: 'ready', owner: null, failure: event.data.failure, ...withCalls(event.data.calls) };
    case 'assignment.succeeded':
      return {
        state: 'succeeded',
        owner: null,
        failure: null,
        result: event.data.result,
        successors: event.data.successors,
        finishedAt: at,
        ...withCalls(event.data.calls),
      };
    case 'assignment.failed':
      return {
        state: 'failed',
        owner: null,
        failure: event.data.failure,
        finishedAt: at,
        ...withCalls(event.data.calls),
      };
    case 'assignment.canceled':
      return { state: 'canceled', owner: null, finishedAt: at };
    case 'assignment.spend_recorded':
      return withCalls(event.data.calls);
  }
};
