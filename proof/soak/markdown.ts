// A soak's report as a page. Pure.
import { rounded } from '../../bench/figures.ts';
import { faultKinds } from './fault-plan.ts';
import { findingKinds, findingTitles, hasPassed, missedFaults, spreadOf, type SoakReport } from './report.ts';

type Row = readonly [what: string, value: string | number];

const maxShown = 20;

export const markdown = (report: SoakReport): string =>
  [
    `# Soak: ${hasPassed(report) ? 'passed' : 'FAILED'}`,
    table(['what', 'measured'], [...figures(report), ...findings(report)]),
    table(
      ['fault', 'times'],
      faultKinds.map((kind) => [kind, report.faults[kind] ?? 0]),
    ),
    ...findingKinds.flatMap((kind) => list(findingTitles[kind], report.findings[kind])),
    ...list('Faults that were never reached', missedFaults(report)),
    ...list(
      'Errors that the functions logged',
      Object.entries(report.loggedErrors).map(([what, count]) => `${count} × ${what}`),
    ),
  ].join('\n\n');

const figures = (report: SoakReport): Row[] => {
  const { tasks, seconds, samples, rounds, seed } = report;
  const kills = report.faults['process-killed'] ?? 0;
  return [
    ['seeds', rounds === 1 ? seed : `${seed} to ${seed + rounds - 1}`],
    ['started', report.startedAt],
    ['seconds under faults', rounded(seconds, 0)],
    ['tasks', `${tasks}: ${named(report.ended)}`],
    [
      'throughput',
      `${rounded(tasks / seconds)} tasks/s, ${report.inFlight} at a time on ${report.instances} processes`,
    ],
    [
      'kills',
      `${kills}, ${report.killsInterruptingWork} of them met work; ${rounded((kills / seconds) * 60, 1)} a minute`,
    ],
    ['a killed process is replaced after', spread(samples.restart)],
    ['a killed task goes on after', spread(samples.taskRecovery)],
    ['killed work is claimed again after', spread(samples.claimRecovery)],
    [
      'requests to providers',
      `${report.providerRequests}; calls of ${report.unknownClaims} claims recorded as unknown`,
    ],
    ['memory at the end', named(report.memoryMb, 'MB')],
  ];
};

const findings = ({ findings: found }: SoakReport): Row[] =>
  findingKinds.map((kind) => [findingTitles[kind], found[kind].length]);

const spread = (samples: readonly number[]): string => {
  const found = spreadOf(samples);
  return found
    ? `p50 ${found.p50} ms, p95 ${found.p95} ms, longest ${found.longest} ms (${found.count} times)`
    : 'not measured';
};

const named = (amounts: Readonly<Record<string, number | null>>, unit = ''): string =>
  Object.entries(amounts)
    .map(([name, amount]) => `${amount ?? '?'}${unit && ` ${unit}`} ${name}`)
    .join(', ');

const table = (head: Row, rows: readonly Row[]): string =>
  [head, ['---', '---'] as const, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const list = (title: string, lines: readonly string[]): string[] => {
  if (lines.length === 0) return [];
  const more = lines.length > maxShown ? [`- and ${lines.length - maxShown} more`] : [];
  return [`## ${title}`, [...lines.slice(0, maxShown).map((line) => `- ${line}`), ...more].join('\n')];
};
