// What is shown of a task that is over. Pure.
import type { UpwardReport } from '../../../functions/src/coordination/schemas.ts';
import type { Gate } from './events.ts';
import { spendText } from './narrate.ts';
import { planLines, type PlanView } from './plan-lines.ts';
import { elapsedMs, type Progress } from './progress.ts';
import type { Paint, Tone } from './style.ts';
import { manyLines, oneLine, seconds } from './text.ts';

/** What the API keeps of the task, as far as it is printed. */
export interface Kept {
  readonly scratchpad: { readonly markdown: string };
  readonly report: UpwardReport;
}

/** Plan, gates, scratchpad, upward report and spend. */
export const outcomeLines = (
  progress: Progress,
  { scratchpad, report }: Kept,
  view: Omit<PlanView, 'now'>,
): string[] => {
  const { paint } = view;
  const section = (name: string, lines: readonly string[]) => ['', paint('strong', name), ...lines];
  return [
    ...section('Plan, as it was carried out', planLines(progress, { ...view, now: progress.updatedAt })),
    ...section('Quality gates', gateLines(progress.gates, paint)),
    ...section('Scratchpad', trimmed(manyLines(scratchpad.markdown))),
    ...section('Report to the main coordinator', reportLines(report)),
    ...section('Spent', [`${spendText(progress.spend)} in ${seconds(elapsedMs(progress))}`]),
  ];
};

const trimmed = (lines: readonly string[]) => (lines.at(-1) === '' ? lines.slice(0, -1) : lines);

const gateLooks: Readonly<
  Record<Gate['status'], { readonly mark: string; readonly tone: Tone; readonly text: string }>
> = {
  passed: { mark: '✔', tone: 'good', text: 'passed' },
  failed: { mark: '✘', tone: 'bad', text: 'failed' },
  waived: { mark: '✔', tone: 'quiet', text: 'waived' },
  no_evidence: { mark: '○', tone: 'quiet', text: 'no evidence yet' },
};

const gateLines = (gates: readonly Gate[], paint: Paint): string[] => {
  if (gates.length === 0) return ['not evaluated'];
  const width = Math.max(...gates.map(({ title }) => title.length));
  return gates.map(({ title, status, evidence }) => {
    const { mark, tone, text } = gateLooks[status];
    const deciding = evidence.filter(({ decides }) => decides).map(({ ref }) => oneLine(ref));
    const from = deciding.length === 0 ? '' : `, by ${deciding.join(', ')}`;
    return `${paint(tone, mark)} ${title.padEnd(width)}  ${paint(tone, text)}${from}`;
  });
};

/** The message of the specification, without what the API adds to it. */
const reportLines = ({ agent, status, summary, metrics, concerns }: UpwardReport): string[] =>
  JSON.stringify({ agent, status, summary, metrics, concerns }, undefined, 2).split('\n');
