import { stepFor, type Steps } from './fold.ts';
import type { Call, EventRecord, Failure } from './records.ts';

export interface FoldedAssignment {
  readonly state: string;
  readonly seq: number;
  readonly epoch: number;
  readonly calls: readonly Call[];
  readonly lostCalls: number;
  /** The holder is a run of the service, which may have asked what is on no record yet. */
  readonly isAsking: boolean;
  /** Of its last try; null again once it has delivered. */
  readonly failure: Failure | null;
  readonly dependsOn: readonly string[];
  readonly successors: readonly string[];
}

const unfinished = ['blocked', 'ready', 'running', 'paused', 'input_required', 'awaiting_approval'];

const steps: Steps = {
  'assignment.adopted': { from: ['blocked', 'ready'], to: 'succeeded' },
  'assignment.rewired': { from: ['blocked', 'ready', 'paused'] },
  'assignment.started': { from: ['blocked', 'ready', 'running'], to: 'running' },
  'assignment.lease_renewed': { from: ['running'] },
  'assignment.artifact_rejected': { from: ['running'] },
  'assignment.released': { from: ['running'], to: 'ready' },
  'assignment.delegated': { from: ['running'], to: 'blocked' },
  'assignment.input_requested': { from: ['running'], to: 'input_required' },
  'assignment.request_refused': { from: ['running'], to: 'ready' },
  'assignment.input_given': { from: ['input_required'], to: 'ready' },
  'assignment.approval_requested': { from: ['running'], to: 'awaiting_approval' },
  'assignment.sent_back': { from: ['awaiting_approval'], to: 'ready' },
  'assignment.paused': { from: ['blocked', 'ready'], to: 'paused' },
  'assignment.resumed': { from: ['paused'] },
  'assignment.succeeded': { from: ['running', 'awaiting_approval'], to: 'succeeded' },
  'assignment.failed': { from: unfinished, to: 'failed' },
  'assignment.canceled': { from: unfinished, to: 'canceled' },
  'assignment.spend_recorded': { from: [...unfinished, 'succeeded', 'failed', 'canceled'] },
};

const openOrBlocked = (dependsOn: readonly string[]) => (dependsOn.length === 0 ? 'ready' : 'blocked');

/** The assignment after one more event. Throws ImpossibleHistory. */
export const foldAssignment = (assignment: FoldedAssignment | undefined, event: EventRecord): FoldedAssignment => {
  const { type, data } = event;
  if (!assignment && type === 'assignment.created') return created(data);
  const step = stepFor(steps, assignment?.state, event);
  const before = assignment as FoldedAssignment;
  const state = stateAfter(before, type, step.to);
  return {
    state,
    seq: before.seq + 1,
    calls: [...before.calls, ...data.calls],
    epoch: type === 'assignment.started' ? (data.epoch ?? Number.NaN) : before.epoch,
    ...askedAfter(before, event, state),
    failure: delivers.has(type) ? null : (data.failure ?? before.failure),
    dependsOn: data.dependsOn ?? before.dependsOn,
    successors: data.successors ?? before.successors,
  };
};

const stateAfter = ({ state, dependsOn }: FoldedAssignment, type: string, to: string | undefined): string => {
  if (type === 'assignment.resumed') return openOrBlocked(dependsOn);
  return type === 'assignment.rewired' && state === 'ready' ? 'blocked' : (to ?? state);
};

const created = ({ dependsOn = [], successors = [] }: EventRecord['data']): FoldedAssignment => ({
  state: openOrBlocked(dependsOn),
  seq: 1,
  epoch: 0,
  calls: [],
  lostCalls: 0,
  isAsking: false,
  failure: null,
  dependsOn,
  successors,
});

const delivers: ReadonlySet<string> = new Set(['assignment.succeeded', 'assignment.approval_requested']);

const cutsOff: ReadonlySet<string> = new Set(['assignment.started', 'assignment.canceled']);

/** What a run asked is lost when it is taken over from or cancelled before it has said so, and found again when it says so late. */
const askedAfter = ({ epoch, lostCalls, isAsking }: FoldedAssignment, { type, data }: EventRecord, state: string) => {
  if (type === 'assignment.spend_recorded') {
    const isInTime = isAsking && data.epoch === epoch;
    return { isAsking: isAsking && !isInTime, lostCalls: isInTime ? lostCalls : lostCalls - 1 };
  }
  const isOurs = type === 'assignment.started' ? data.leaseUntil === undefined || data.leaseUntil === null : isAsking;
  return { isAsking: isOurs && state === 'running', lostCalls: lostCalls + (isAsking && cutsOff.has(type) ? 1 : 0) };
};
