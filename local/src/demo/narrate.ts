// What an event means to somebody who watches. Pure.
import { noteFields } from '../../../functions/src/scratchpads/schemas.ts';
import type { WatchedEvent } from './events.ts';
import { metricsOf, nameOf } from './plan-lines.ts';
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

/** What to tell of an event that led from `before` to `after`; one that changes nothing worth watching tells nothing. */
export const narrate = (before: Progress, event: WatchedEvent, after: Progress): Remark[] => {
  if (isOfTask(event)) return taskRemarks(event);
  const step = after.steps.get(event.stream);
  return step ? assignmentRemarks(event, step, before.notes) : [];
};

const isOfTask = (event: WatchedEvent): event is OfTask => event.type.startsWith('task.');

const remark = (about: string, text: string, tone: Tone = 'plain'): Remark => ({ about, text: oneLine(text), tone });

const taskRemarks = (event: OfTask): Remark[] => {
  switch (event.type) {
    case 'task.analyzed':
      return analysisRemarks(event);
    case 'task.planned':
      return planRemarks(event);
    case 'task.plan_extended':
      return [remark('plan grows', `${event.data.reason}; added: ${event.data.assignments.join(', ')}`, 'busy')];
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

const assignmentRemarks = (event: OfAssignment, step: Step, notes: Progress['notes']): Remark[] => {
  switch (event.type) {
    case 'assignment.started':
      return [startRemark(event, step)];
    case 'assignment.artifact_rejected':
      return [repairRemark(event, step)];
    case 'assignment.released':
      return [remark('to retry', `${nameOf(step)}: ${event.data.failure.detail}`, 'bad')];
    case 'assignment.succeeded':
      return [...deliveryRemarks(event, step), ...noteRemarks(notes, event.data.notes)];
    case 'assignment.failed':
      return [remark('failed', `${step.specialist}: ${event.data.failure.detail}`, 'bad')];
    case 'assignment.created':
    case 'assignment.rewired':
    case 'assignment.canceled':
    case 'assignment.spend_recorded':
      return [];
  }
};

const startRemark = ({ data: { lostCall } }: EventOf<'assignment.started'>, step: Step): Remark => {
  const work = `${step.specialist}: ${nameOf(step)}`;
  if (step.attempt === 1) return remark('starts', work);
  const lost = lostCall ? '; how the lost run ended at the model is unknown' : '';
  return remark('takes over', `${work} (attempt ${step.attempt}${lost})`, 'busy');
};

const repairRemark = ({ data }: EventOf<'assignment.artifact_rejected'>, step: Step): Remark => {
  const [first] = data.findings;
  const example = first ? `, e.g. ${first.where}: ${first.message}` : '';
  const text = `${nameOf(step)}: ${step.artifactKind} not valid, ${counted(data.findings.length, 'finding')}${example}`;
  return remark(`repair ${data.repair}`, text, 'bad');
};

const deliveryRemarks = ({ data }: EventOf<'assignment.succeeded'>, step: Step): Remark[] => {
  const { title, metrics, verdict } = data.result;
  const figures = metricsOf(metrics);
  const valid = `${step.artifactKind} valid${figures === '' ? '' : ` (${figures})`}`;
  return [
    remark('delivers', `${step.specialist}: ${title} · ${valid}`, 'good'),
    ...(verdict === null ? [] : [verdictRemark(verdict, step)]),
  ];
};

const verdictRemark = (verdict: 'pass' | 'changes-needed', step: Step): Remark =>
  verdict === 'pass'
    ? remark('verdict', `${nameOf(step)}: pass`, 'good')
    : remark('verdict', `${nameOf(step)}: changes needed`, 'bad');

const noteRemarks = (before: Progress['notes'], written: Progress['notes']): Remark[] =>
  noteFields
    .filter((field) => written[field] !== undefined && written[field] !== before[field])
    .map((field) => remark('scratchpad', `${wordsOf(field)}: ${written[field] ?? ''}`, 'quiet'));

/** `dataFlow` as `data flow`. */
const wordsOf = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
