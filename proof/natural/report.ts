// The verdict on a run, and its table. Pure.
import { percentile, rounded } from '../../bench/figures.ts';
import type { Account } from './account.ts';

export interface NaturalReport {
  readonly seed: number;
  readonly seconds: number;
  readonly accounts: readonly Account[];
}

const leastShare = 0.95;
const mostApprovals = 1;

const shareCompleted = ({ accounts }: Pick<NaturalReport, 'accounts'>): number =>
  accounts.length === 0 ? 0 : accounts.filter(({ state }) => state === 'completed').length / accounts.length;

const overAsked = ({ accounts }: Pick<NaturalReport, 'accounts'>): Account[] =>
  accounts.filter(({ approvals }) => approvals.length > mostApprovals);

export const hasPassed = (report: Pick<NaturalReport, 'accounts'>): boolean =>
  shareCompleted(report) >= leastShare && overAsked(report).length === 0;

const figures: readonly (readonly [title: string, of: (account: Account) => number])[] = [
  ['rounds of review', ({ rounds }) => rounds],
  ['artifacts reworked', ({ reworks }) => reworks],
  ['approval requests', ({ approvals }) => approvals.length],
  ['questions', ({ questions }) => questions],
  ['repairs', ({ repairs }) => repairs],
  ['model calls', ({ calls }) => calls],
  ['tokens', ({ tokens }) => tokens],
  ['seconds', ({ seconds }) => seconds],
];

const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

const perTask = ({ accounts }: NaturalReport): string =>
  [
    row(['per task', 'all tasks', 'p50', 'p95', 'max']),
    row(['---', '--:', '--:', '--:', '--:']),
    ...figures.map(([title, of]) => {
      const samples = accounts.map(of);
      const sum = samples.reduce((total, each) => total + each, 0);
      return row([
        title,
        ...[sum, ...[0.5, 0.95, 1].map((share) => percentile(samples, share))].map((each) => rounded(each, 1)),
      ]);
    }),
  ].join('\n');

const endings = ({ accounts }: NaturalReport): string => {
  const byState = Map.groupBy(accounts, ({ state }) => state);
  const rows = [...byState].map(([state, of]) => row([state, of.length]));
  return [row(['ended', 'tasks']), row(['---', '--:']), ...rows].join('\n');
};

const named = ({ index, id, title }: Account) => `${index} ${id} "${title}"`;

export const markdown = (report: NaturalReport): string => {
  const { seed, seconds, accounts } = report;
  const share = rounded(100 * shareCompleted(report), 1);
  return [
    `# Natural: ${hasPassed(report) ? 'passed' : 'FAILED'}`,
    `${accounts.length} tasks, seed ${seed}, ${rounded(seconds, 0)} s; ${share} % completed.`,
    endings(report),
    perTask(report),
    ...accounts.flatMap((each) => (each.cause === undefined ? [] : [`- ${each.state}: ${named(each)}: ${each.cause}`])),
    ...overAsked(report).map(
      (each) => `- more than one approval request: ${named(each)}: ${each.approvals.join(', ')}`,
    ),
  ].join('\n\n');
};
