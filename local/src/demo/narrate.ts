// What an event means to somebody who watches, as far as the tree of the plan does not show it. Pure.
import type { WatchedEvent } from './events.ts';
import { nameOf } from './plan-lines.ts';
import type { Progress, Step } from './progress.ts';
import type { Tone } from './style.ts';
import { counted, dollars, oneLine } from './text.ts';

export interface Remark {
  /** What kind of thing happened, in a word or two. */
  readonly about: string;
  readonly text: string;
  readonly tone: Tone;
}

type EventOf<T extends WatchedEvent['type']> = Extract<WatchedEvent, { type: T }>;
type OfAssignment = EventOf<Extract<WatchedEvent['type'], `assignment.${string}`>>;
type OfTask = Exclude<WatchedEvent, OfAssignment>;

/** What to tell of an event that led to `after`; what the tree shows by itself is not told. */
export const narrate = (event: WatchedEvent, after: Progress): Remark[] => {
  if (isOfTask(event)) return taskRemarks(event, after);
  const step = after.steps.get(event.stream);
  return step ? assignmentRemarks(event, step) : [];
};

const isOfTask = (event: WatchedEvent): event is OfTask => event.type.startsWith('task.');

const remark = (about: string, text: string, tone: Tone = 'plain'): Remark => ({ about, text: oneLine(text), tone });

const taskRemarks = (event: OfTask, { steps }: Progress): Remark[] => {
  switch (event.type) {
    case 'task.analyzed':
      return analysisRemarks(event);
    case 'task.planned':
      return planRemarks(event);
    case 'task.plan_extended':
      return growthRemarks(event);
    case 'task.waiting':
      return waitRemarks(event, steps);
    case 'task.gates_evaluated':
      return [gatesRemark(event)];
    case 'task.completed':
      return [remark('completed', spendText(event.data.spend), 'good')];
    case 'task.failed':
      return [remark('failed', `${event.data.failure.detail} [${event.data.failure.code}]`, 'bad')];
    case 'task.canceled':
      return [remark('canceled', `by ${event.data.by}`, 'bad')];
    case 'task.submitted':
    case 'task.analyzing':
    case 'task.working':
      return [];
  }
};

const waitWords = {
  input: 'question',
  approval: 'decision',
  evidence: 'waits',
  provider: 'waits',
  agent: 'waits',
} as const;

const waitRemarks = ({ data: { wait } }: EventOf<'task.waiting'>, steps: Progress['steps']): Remark[] => {
  const step = steps.get(wait.assignment ?? '');
  return [remark(waitWords[wait.kind], `${step ? `${step.specialist}: ` : ''}${wait.reason}`, 'busy')];
};

/** Why a review sends work back: what it found comes first, as it is what matters. */
const growthRemarks = ({ data: { reason, because, assignments } }: EventOf<'task.plan_extended'>): Remark[] => [
  remark('objection', [reason, ...because.slice(0, 1)].join(' – '), 'bad'),
  remark('plan grows', `by ${counted(assignments.length, 'assignment')}: a rework, and reviews of it`, 'busy'),
];

const deciders = { caller: 'the caller', llm: 'a model', keywords: 'keywords, as no model answered' } as const;

const analysisRemarks = ({ data: { analysis } }: EventOf<'task.analyzed'>): Remark[] => {
  const { category, primary, support, priority, decidedBy, reason } = analysis;
  const team = support.length === 0 ? '' : `, with ${support.join(', ')}`;
  return [
    remark('analysed', `${category}, priority ${priority}; ${primary} leads${team}`),
    remark('', `decided by ${deciders[decidedBy]}: ${reason}`, 'quiet'),
  ];
};

const origins = {
  template: 'from the template',
  llm: 'proposed by a model',
  caller: 'given by the caller',
  fork: 'taken over from another task',
} as const;

const planRemarks = ({ data }: EventOf<'task.planned'>): Remark[] => [
  remark('planned', `${counted(data.assignments.length, 'assignment')}, ${origins[data.origin]}`),
  ...(data.proposalRejected === null
    ? []
    : [remark('', `a model's proposal was refused: ${data.proposalRejected}`, 'quiet')]),
];

const gatesRemark = ({ data: { gates } }: EventOf<'task.gates_evaluated'>): Remark => {
  const withStatus = (status: string) => gates.filter((gate) => gate.status === status).length;
  const failed = withStatus('failed');
  const text = `${withStatus('passed')} passed, ${failed} failed, ${withStatus('no_evidence')} without evidence yet`;
  return remark('gates', text, failed > 0 ? 'bad' : 'plain');
};

export const spendText = ({ llmCalls, unknownCalls, tokens, costNanoUsd }: Progress['spend']): string => {
  const unknown = unknownCalls > 0 ? ` (${unknownCalls} of unknown outcome)` : '';
  return `${counted(llmCalls, 'model call')}${unknown}, ${counted(tokens, 'token')}, ${dollars(costNanoUsd)}`;
};

/** The tree shows what these change, and the wait of the task tells what is asked for. */
const silentTypes = [
  'assignment.created',
  'assignment.rewired',
  'assignment.input_requested',
  'assignment.input_given',
  'assignment.approval_requested',
  'assignment.succeeded',
  'assignment.canceled',
  'assignment.spend_recorded',
] as const;

type Silent = EventOf<(typeof silentTypes)[number]>;

const isSilent = (event: OfAssignment): event is Silent => silentTypes.some((type) => type === event.type);

const assignmentRemarks = (event: OfAssignment, step: Step): Remark[] => {
  if (isSilent(event)) return [];
  switch (event.type) {
    case 'assignment.started':
      return startRemarks(event, step);
    case 'assignment.artifact_rejected':
      return [repairRemark(event, step)];
    case 'assignment.released':
      return [remark('to retry', `${nameOf(step)}: ${event.data.failure.detail}`, 'bad')];
    case 'assignment.failed':
      return [remark('failed', `${step.specialist}: ${event.data.failure.detail}`, 'bad')];
  }
};

const startRemarks = ({ data: { lostCall } }: EventOf<'assignment.started'>, step: Step): Remark[] => {
  if (step.attempt === 1 || !lostCall) return [];
  return [remark('takes over', `${step.specialist}: ${nameOf(step)}, which the lost process was at`, 'busy')];
};

const repairRemark = ({ data }: EventOf<'assignment.artifact_rejected'>, step: Step): Remark => {
  const [first] = data.findings;
  const example = first ? `: ${[first.where, first.message].filter((part) => part !== '').join(' ')}` : '';
  return remark(
    `repair ${data.repair}`,
    `${nameOf(step)}, ${counted(data.findings.length, 'finding')}${example}`,
    'bad',
  );
};
