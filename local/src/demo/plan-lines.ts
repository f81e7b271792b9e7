// A plan with the state of its work, as lines of text. Pure.
import { isReady, type Progress, type Step } from './progress.ts';
import type { Paint, Tone } from './style.ts';
import { clip, counted, fit, widthOf, oneLine, seconds } from './text.ts';
import { treeOf, type TreeRow } from './tree.ts';

export interface PlanView {
  readonly paint: Paint;
  /** Characters a line may have. */
  readonly width: number;
  readonly now: Date;
  /** Lines there may be; a longer plan is shown around what is being worked on. Default: all. */
  readonly height?: number;
}

/** What people call an assignment; rounds of the same review are told apart. */
export const nameOf = ({ title, round }: Pick<Step, 'title' | 'round'>): string =>
  round === 0 ? oneLine(title) : `${oneLine(title)} (round ${round + 1})`;

/** `endpoints 4, schemas 2` */
export const metricsOf = (metrics: Readonly<Record<string, number>>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${oneLine(name)} ${value}`)
    .join(', ');

/** The same in so many columns: of a long title, the round stays. */
const fittedName = ({ title, round }: Step, width: number): string => {
  const note = round === 0 ? '' : ` (round ${round + 1})`;
  return fit(`${clip(oneLine(title), width - widthOf(note))}${note}`, width);
};

type Shown = Step['state'] | 'waiting';

const looks: Readonly<Record<Shown, { readonly mark: string; readonly tone: Tone }>> = {
  blocked: { mark: '○', tone: 'quiet' },
  waiting: { mark: '◌', tone: 'busy' },
  ready: { mark: '◌', tone: 'busy' },
  running: { mark: '●', tone: 'busy' },
  paused: { mark: '‖', tone: 'quiet' },
  input_required: { mark: '‖', tone: 'busy' },
  awaiting_approval: { mark: '‖', tone: 'busy' },
  succeeded: { mark: '✔', tone: 'good' },
  failed: { mark: '✘', tone: 'bad' },
  canceled: { mark: '–', tone: 'quiet' },
};

const maxLeadChars = 30;
const maxNameChars = 60;
const maxNameShare = 0.44;
/** Below it the kind of artifact is left out. */
const wideChars = 100;

/** One line per assignment: its place in the graph, state, name, specialist, and how it stands. */
export const planLines = ({ steps }: Pick<Progress, 'steps'>, view: PlanView): string[] => {
  const rows = treeOf([...steps.values()]);
  const columns = {
    name: Math.min(
      maxNameChars,
      Math.floor(view.width * maxNameShare),
      longest(rows.map(({ lead, node }) => widthOf(shortLead(lead)) + widthOf(nameOf(node)) + 2)),
    ),
    specialist: longest(rows.map(({ node }) => node.specialist.length)),
  };
  const { shown, left } = around(rows, view.height ?? rows.length);
  return [
    ...shown.map((row) => planLine(row, { steps, columns, view })),
    ...(left === 0 ? [] : [view.paint('quiet', `… and ${counted(left, 'assignment')} more`)]),
  ];
};

const around = (rows: readonly TreeRow<Step>[], height: number) => {
  if (rows.length <= height) return { shown: rows, left: 0 };
  const room = Math.max(0, height - 1);
  const busy = rows.findIndex(({ node }) => node.state === 'running');
  const start = Math.min(Math.max(0, busy - 1), rows.length - room);
  return { shown: rows.slice(start, start + room), left: rows.length - room };
};

const longest = (lengths: readonly number[]) => Math.max(0, ...lengths);

const shortLead = (lead: string) => (lead.length <= maxLeadChars ? lead : `…${lead.slice(1 - maxLeadChars)}`);

interface Table {
  readonly steps: Progress['steps'];
  readonly columns: { readonly name: number; readonly specialist: number };
  readonly view: PlanView;
}

const planLine = ({ lead, node, alsoAfter }: TreeRow<Step>, { steps, columns, view }: Table): string => {
  const { paint, width } = view;
  const { mark, tone } = looks[isReady(node, steps) ? 'waiting' : node.state];
  const start = shortLead(lead);
  const name = fittedName(node, columns.name - widthOf(start) - 2);
  const fixed = columns.name + columns.specialist + 4;
  const detail = [stepDetail(node, view), joinNote(alsoAfter, steps)].filter((part) => part !== '').join(' · ');
  return [
    paint('quiet', start),
    `${paint(tone, mark)} ${name}`,
    `  ${paint('quiet', node.specialist.padEnd(columns.specialist))}`,
    `  ${paint(node.state === 'failed' ? 'bad' : 'plain', clip(detail, Math.max(0, width - fixed)))}`,
  ]
    .join('')
    .trimEnd();
};

const joinNote = (alsoAfter: readonly string[], steps: Progress['steps']): string => {
  const names = alsoAfter.flatMap((id) => steps.get(id) ?? []).map((step) => nameOf(step));
  return names.length === 0 ? '' : `also after: ${names.join(', ')}`;
};

const stepDetail = (step: Step, { now, width }: PlanView): string => {
  const { state, startedAt, finishedAt } = step;
  const took = startedAt ? seconds((finishedAt ?? now).getTime() - startedAt.getTime()) : '';
  if (state === 'succeeded') return [took, ...outcomeOf(step, width)].join(' · ');
  if (state === 'running') return [took, ...attemptsOf(step)].join(' · ');
  return state === 'blocked' || state === 'ready' ? '' : [state.replace('_', ' '), took].filter(Boolean).join(' · ');
};

const outcomeOf = (step: Step, width: number): string[] => {
  const verdict = step.result?.verdict ?? undefined;
  const kind = width < wideChars ? [] : [step.artifactKind];
  return [...(verdict === undefined ? [] : [verdict.replace('-', ' ')]), ...attemptsOf(step), ...kind];
};

const attemptsOf = ({ repairs, attempt }: Step): string[] => [
  ...(repairs > 0 ? [counted(repairs, 'repair')] : []),
  ...(attempt > 1 ? [`attempt ${attempt}`] : []),
];
