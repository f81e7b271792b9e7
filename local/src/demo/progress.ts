// What is known of a task while it is being watched: the fold of its events. Pure.
import type { z } from 'zod';
import type {
  Analysis,
  Assignment,
  AssignmentResult,
  AssignmentState,
  Failure,
  planOrigin,
  TaskState,
} from '../../../functions/src/coordination/schemas.ts';
import type { Notes } from '../../../functions/src/scratchpads/schemas.ts';
import type { Calls, Gate, shownSpend, WatchedEvent } from './events.ts';

type Spend = z.infer<typeof shownSpend>;

export interface Step extends Pick<Assignment, 'id' | 'specialist' | 'title' | 'artifactKind' | 'dependsOn' | 'round'> {
  readonly state: AssignmentState;
  /** How often it was claimed: more than once when a run was lost or no provider answered. */
  readonly attempt: number;
  /** How often its artifact was sent back for repair. */
  readonly repairs: number;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  readonly result: AssignmentResult | undefined;
}

export interface Plan {
  readonly origin: z.infer<typeof planOrigin>;
  readonly assignments: readonly string[];
}

export interface Progress {
  readonly title: string;
  readonly state: TaskState;
  readonly submittedAt: Date;
  /** When it ended; while it has not, when the last event was. */
  readonly updatedAt: Date;
  readonly analysis: Analysis | undefined;
  readonly plan: Plan | undefined;
  readonly steps: ReadonlyMap<string, Step>;
  readonly notes: Notes;
  readonly gates: readonly Gate[];
  readonly failure: Failure | undefined;
  readonly spend: Spend;
}

/** What is known of a task that is being handed in. */
export const beginning = (now: Date): Progress => ({
  title: '',
  state: 'submitted',
  submittedAt: now,
  updatedAt: now,
  analysis: undefined,
  plan: undefined,
  steps: new Map(),
  notes: {},
  gates: [],
  failure: undefined,
  spend: { llmCalls: 0, unknownCalls: 0, tokens: 0, costNanoUsd: 0n },
});

/** All that the plan names is known: an assignment's own event may come after the plan that names it. */
export const isPlanKnown = ({ plan, steps }: Progress): boolean =>
  plan !== undefined && plan.assignments.every((id) => steps.has(id));

/** A blocked assignment has nothing left to wait for once all it depends on has succeeded. */
export const isReady = ({ state, dependsOn }: Step, steps: Progress['steps']): boolean =>
  state === 'ready' || (state === 'blocked' && dependsOn.every((id) => steps.get(id)?.state === 'succeeded'));

/** From the submission to the end, or so far. */
export const elapsedMs = ({ submittedAt, updatedAt }: Progress): number => updatedAt.getTime() - submittedAt.getTime();

export const evolve = (progress: Progress, event: WatchedEvent): Progress => {
  const spent = { ...progress, spend: spendAfter(progress, event), updatedAt: timeAfter(progress, event) };
  return isOfAssignment(event)
    ? { ...spent, notes: notesAfter(progress, event), steps: stepsAfter(progress, event) }
    : { ...spent, ...taskChange(progress, event) };
};

type OfAssignment = Extract<WatchedEvent, { type: `assignment.${string}` }>;

type OfTask = Exclude<WatchedEvent, OfAssignment>;

const isOfAssignment = (event: WatchedEvent): event is OfAssignment => event.type.startsWith('assignment.');

const terminal: ReadonlySet<TaskState> = new Set(['completed', 'failed', 'canceled', 'rejected']);

const timeAfter = ({ state, updatedAt }: Progress, { at }: WatchedEvent): Date =>
  terminal.has(state) || at < updatedAt ? updatedAt : at;

const spendAfter = ({ spend }: Progress, { data }: WatchedEvent): Spend => {
  if ('spend' in data) return data.spend;
  return 'calls' in data ? data.calls.reduce(plusCall, spend) : spend;
};

const plusCall = ({ llmCalls, unknownCalls, tokens, costNanoUsd }: Spend, call: Calls[number]): Spend => ({
  llmCalls: llmCalls + 1,
  unknownCalls: unknownCalls + (call.outcome === 'unknown' ? 1 : 0),
  tokens: tokens + Object.values(call.usage ?? {}).reduce((sum, each) => sum + each, 0),
  costNanoUsd: costNanoUsd + (call.costNanoUsd ?? 0n),
});

const taskChange = (progress: Progress, event: OfTask): Partial<Progress> => {
  switch (event.type) {
    case 'task.submitted':
      return { title: event.data.submission.title, submittedAt: event.at, updatedAt: event.at };
    case 'task.analyzing':
      return { state: 'analyzing' };
    case 'task.analyzed':
      return { analysis: event.data.analysis };
    case 'task.planned':
      return { state: 'planned', plan: event.data };
    case 'task.working':
      return { state: 'working' };
    case 'task.waiting':
      return {};
    case 'task.plan_extended':
      return { plan: extended(progress.plan, event.data.assignments) };
    case 'task.gates_evaluated':
      return { state: 'validating', gates: event.data.gates };
    case 'task.completed':
      return { state: 'completed' };
    case 'task.failed':
      return { state: 'failed', failure: event.data.failure };
    case 'task.canceled':
      return { state: 'canceled' };
  }
};

const extended = (plan: Plan | undefined, added: readonly string[]): Plan | undefined =>
  plan && { ...plan, assignments: [...plan.assignments, ...added] };

const notesAfter = ({ notes }: Progress, event: OfAssignment): Notes =>
  event.type === 'assignment.succeeded' ? { ...notes, ...event.data.notes } : notes;

const stepsAfter = ({ steps }: Progress, event: OfAssignment): Progress['steps'] => {
  if (event.type === 'assignment.created') return new Map(steps).set(event.stream, created(event.data));
  const step = steps.get(event.stream);
  return step ? new Map(steps).set(step.id, { ...step, ...stepChange(step, event) }) : steps;
};

const created = (data: Created['data']): Step => ({
  ...data,
  state: data.dependsOn.length === 0 ? 'ready' : 'blocked',
  attempt: 0,
  repairs: 0,
  startedAt: undefined,
  finishedAt: undefined,
  result: undefined,
});

type Created = Extract<OfAssignment, { type: 'assignment.created' }>;
type Ended = Extract<OfAssignment, { type: `assignment.${'succeeded' | 'failed' | 'canceled'}` }>;

const isEnded = (event: OfAssignment): event is Ended =>
  event.type === 'assignment.succeeded' || event.type === 'assignment.failed' || event.type === 'assignment.canceled';

const endChange = (event: Ended): Partial<Step> => {
  switch (event.type) {
    case 'assignment.succeeded':
      return { state: 'succeeded', result: event.data.result, finishedAt: event.at };
    case 'assignment.failed':
      return { state: 'failed', finishedAt: event.at };
    case 'assignment.canceled':
      return { state: 'canceled', finishedAt: event.at };
  }
};

const stepChange = (step: Step, event: Exclude<OfAssignment, Created>): Partial<Step> => {
  if (isEnded(event)) return endChange(event);
  switch (event.type) {
    case 'assignment.rewired':
      return { dependsOn: event.data.dependsOn };
    case 'assignment.started':
      return { state: 'running', attempt: event.data.epoch, startedAt: step.startedAt ?? event.at };
    case 'assignment.artifact_rejected':
      return { repairs: step.repairs + 1 };
    case 'assignment.released':
    case 'assignment.input_given':
      return { state: 'ready' };
    case 'assignment.input_requested':
      return { state: 'input_required' };
    case 'assignment.approval_requested':
      return { state: 'awaiting_approval', result: event.data.result };
    case 'assignment.spend_recorded':
      return {};
  }
};
