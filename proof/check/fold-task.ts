import { stepFor, type Steps } from './fold.ts';
import type { Call, EventRecord, Failure } from './records.ts';

export interface FoldedTask {
  readonly state: string;
  readonly seq: number;
  readonly epoch: number;
  readonly calls: readonly Call[];
  readonly lostCalls: number;
  /** An analysis is under way that may have asked what is on no record yet. */
  readonly isAnalyzed: boolean;
  readonly plan: readonly string[] | null;
  readonly failure: Failure | null;
  readonly waits: readonly { readonly id: string; readonly kind: string }[];
}

const underWay = ['working', 'paused', 'input_required', 'awaiting_approval', 'validating'];
const over = ['completed', 'failed', 'canceled', 'rejected'];
const unfinished = ['submitted', 'analyzing', 'planned', 'reporting', ...underWay];

const steps: Steps = {
  'task.analyzing': { from: ['submitted', 'analyzing'], to: 'analyzing' },
  'task.analyzed': { from: ['submitted', 'analyzing'], to: 'analyzing' },
  'task.planned': { from: ['submitted', 'analyzing'], to: 'planned' },
  'task.working': { from: ['planned'], to: 'working' },
  'task.plan_extended': { from: underWay },
  'task.waiting': { from: underWay },
  'task.wait_over': { from: underWay },
  'task.paused': { from: underWay, to: 'paused' },
  'task.resumed': { from: ['paused'] },
  'task.validating': { from: ['working', 'validating'], to: 'validating' },
  'task.gates_evaluated': { from: ['validating'] },
  'task.spend_recorded': { from: [...unfinished, ...over] },
  'task.reporting': { from: ['validating'], to: 'reporting' },
  'task.completed': { from: ['reporting'], to: 'completed' },
  'task.failed': { from: unfinished, to: 'failed' },
  'task.canceled': { from: unfinished, to: 'canceled' },
  'task.rejected': { from: unfinished, to: 'rejected' },
};

/** The task after one more event. Throws ImpossibleHistory. */
export const foldTask = (task: FoldedTask | undefined, event: EventRecord): FoldedTask => {
  if (!task && event.type === 'task.submitted') {
    return submitted;
  }
  const step = stepFor(steps, task?.state, event);
  const before = task as FoldedTask;
  const waits = waitsAfter(before.waits, event);
  return {
    state: aboutWaits.has(event.type) ? waitingState(before.state, event, waits) : (step.to ?? before.state),
    seq: before.seq + 1,
    epoch: event.type === 'task.analyzing' ? (event.data.epoch ?? Number.NaN) : before.epoch,
    calls: [...before.calls, ...event.data.calls],
    ...analysisAfter(before, event),
    plan: planAfter(before.plan, event),
    failure: event.data.failure ?? before.failure,
    waits,
  };
};

const submitted: FoldedTask = {
  state: 'submitted',
  seq: 1,
  epoch: 0,
  calls: [],
  lostCalls: 0,
  isAnalyzed: false,
  plan: null,
  failure: null,
  waits: [],
};

const ends = (type: string) => over.includes(type.replace('task.', ''));

/** What an analysis asked is lost when another begins or the task ends before it has said so, and found again when it says so late. */
const analysisAfter = ({ epoch, lostCalls, isAnalyzed }: FoldedTask, { type, data }: EventRecord) => {
  if (type === 'task.spend_recorded') {
    const isInTime = isAnalyzed && data.epoch === epoch;
    return { isAnalyzed: isAnalyzed && !isInTime, lostCalls: isInTime ? lostCalls : lostCalls - 1 };
  }
  const isCutOff = isAnalyzed && (type === 'task.analyzing' || ends(type));
  return {
    isAnalyzed: type === 'task.analyzing' || (isAnalyzed && !isCutOff && type !== 'task.planned'),
    lostCalls: lostCalls + (isCutOff ? 1 : 0),
  };
};

const planAfter = (plan: FoldedTask['plan'], { type, data }: EventRecord): FoldedTask['plan'] =>
  type === 'task.planned' || type === 'task.plan_extended' ? [...(plan ?? []), ...(data.assignments ?? [])] : plan;

const aboutWaits: ReadonlySet<string> = new Set(['task.waiting', 'task.wait_over', 'task.resumed']);

const waitsAfter = (waits: FoldedTask['waits'], { type, data }: EventRecord): FoldedTask['waits'] => {
  const { wait } = data;
  if (type === 'task.waiting' && wait) return [...waits.filter(({ id }) => id !== wait.id), wait];
  if (ends(type)) return [];
  return type === 'task.wait_over' ? waits.filter(({ id }) => id !== data.id) : waits;
};

const stateOfWait: Readonly<Partial<Record<string, string>>> = {
  approval: 'awaiting_approval',
  input: 'input_required',
  evidence: 'validating',
};

/** The state of a task under way is that of its latest wait, unless it is paused. */
const waitingState = (before: string, { type }: EventRecord, waits: FoldedTask['waits']): string =>
  before === 'paused' && type !== 'task.resumed' ? 'paused' : (stateOfWait[waits.at(-1)?.kind ?? ''] ?? 'working');
