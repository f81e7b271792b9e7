// What is shown of a task that is over. Pure.
import path from 'node:path';
import type { UpwardReport } from '../../../functions/src/coordination/schemas.ts';
import type { Gate } from './events.ts';
import type { MadeFile } from './files.ts';
import { spendText } from './narrate.ts';
import { planLines, type PlanView } from './plan-lines.ts';
import { elapsedMs, type Progress } from './progress.ts';
import type { Paint, Tone } from './style.ts';
import { clip, manyLines, oneLine, seconds, widthOf, wrap } from './text.ts';

/** What is left of the task, as far as it is printed. */
export interface Kept {
  readonly report: UpwardReport;
  readonly files: readonly MadeFile[];
}

/** Plan, gates, files, the upward report in five lines, and spend. */
export const outcomeLines = (progress: Progress, { report, files }: Kept, view: Omit<PlanView, 'now'>): string[] => {
  const { paint, width } = view;
  const section = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint('strong', name), ...lines];
  return [
    ...section('Plan, as it was carried out', planLines(progress, { ...view, now: progress.updatedAt })),
    ...section('Quality gates', gateLines(progress.gates, { paint, width })),
    ...section(clip(`Made, in ${folderOf(files)}`, width), fileLines(files, width)),
    ...section('The contract begins', contractLines(files, { paint, width })),
    ...section('Report to the main coordinator', reportLines(report, width)),
    ...section('Spent', [clip(`${spendText(progress.spend)} in ${seconds(elapsedMs(progress))}`, width)]),
  ];
};

const gateLooks: Readonly<
  Record<Gate['status'], { readonly mark: string; readonly tone: Tone; readonly text: string }>
> = {
  passed: { mark: '✔', tone: 'good', text: 'passed' },
  failed: { mark: '✘', tone: 'bad', text: 'failed' },
  waived: { mark: '✔', tone: 'quiet', text: 'waived' },
  no_evidence: { mark: '○', tone: 'quiet', text: 'no evidence yet' },
};

const gateLines = (gates: readonly Gate[], { paint, width }: { paint: Paint; width: number }): string[] => {
  const column = Math.max(0, ...gates.map(({ title }) => widthOf(title)));
  return gates.map(({ title, status, evidence }) => {
    const { mark, tone, text } = gateLooks[status];
    const deciding = evidence.filter(({ decides }) => decides).map(({ ref }) => oneLine(ref));
    const from = deciding.length === 0 ? '' : `, by ${deciding.join(', ')}`;
    const shown = clip(`${title.padEnd(column)}  ${text}${from}`, width - 2);
    return `${paint(tone, mark)} ${shown}`;
  });
};

const folderOf = ([first]: readonly MadeFile[]): string => (first ? path.dirname(first.path) : '');

const fileLines = (files: readonly MadeFile[], width: number): string[] =>
  wrap(files.map((file) => path.basename(file.path)).join(', '), width - 2).map((line) => `  ${line}`);

const contractHeight = 12;

const contractLines = (files: readonly MadeFile[], { paint, width }: { paint: Paint; width: number }): string[] => {
  const contract = files.findLast(({ kind }) => kind === 'openapi');
  if (!contract) return [];
  const lines = manyLines(contract.content);
  const shown = lines.slice(0, contractHeight).map((line) => clip(`  ${line}`, width));
  const left = lines.length - shown.length;
  return left > 0 ? [...shown, paint('quiet', `  … and ${left} lines more`)] : shown;
};

const figure = (value: string | number | null | undefined): string => (value == null ? '–' : String(value));

/** The message of the specification in five lines: the file has the whole. */
const reportLines = ({ agent, status, summary, metrics, concerns }: UpwardReport, width: number): string[] => {
  const { api_endpoints: endpoints, avg_response_time: time, security_score: score, cost_projection: cost } = metrics;
  return [
    `status    ${status}, says ${agent}`,
    `summary   ${oneLine(summary)}`,
    `metrics   api_endpoints ${figure(endpoints)}, security_score ${figure(score)}`,
    `          avg_response_time ${figure(time)}, cost_projection ${figure(cost)}`,
    `concerns  ${concerns.length === 0 ? 'none' : `${concerns.length}, e.g. ${oneLine(concerns[0] ?? '')}`}`,
  ].map((line) => clip(line, width));
};
