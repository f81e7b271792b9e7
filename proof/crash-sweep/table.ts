// What a sweep found, for people.
import { nameOf } from './points.ts';
import type { PointResult, SweepResult } from './sweep.ts';

export interface Totals {
  readonly points: number;
  readonly kills: number;
  /** Points that no try met: how often a run reads and publishes depends on timing. */
  readonly unreached: number;
  readonly faults: number;
  /** Kills that fell before the task was over; the others fell while everything that was sent came again. */
  readonly recoveries: number;
  readonly medianRecoveryMs: number | null;
  readonly p95RecoveryMs: number | null;
  readonly longestRecoveryMs: number | null;
}

export const totalsOf = ({ undisturbed, results }: Omit<SweepResult, 'scenario' | 'crossings'>): Totals => {
  const recoveries = results.flatMap(({ recoveryMs }) => recoveryMs ?? []).toSorted((a, b) => a - b);
  return {
    points: results.length,
    kills: results.reduce((sum, { kills }) => sum + kills, 0),
    unreached: results.filter(({ kills, points }) => kills < points.length).length,
    faults: undisturbed.length + results.reduce((sum, { faults }) => sum + faults.length, 0),
    recoveries: recoveries.length,
    medianRecoveryMs: recoveries[Math.floor(recoveries.length / 2)] ?? null,
    p95RecoveryMs: recoveries[Math.floor(recoveries.length * 0.95)] ?? null,
    longestRecoveryMs: recoveries.at(-1) ?? null,
  };
};

/** A table of the scenarios, and under it each fault with the points that brought it about. */
export const markdownOf = (sweeps: readonly SweepResult[]): string => {
  const rows = sweeps.map((sweep) => {
    const { points, kills, unreached, faults, recoveries, ...times } = totalsOf(sweep);
    const { medianRecoveryMs, p95RecoveryMs, longestRecoveryMs } = times;
    const recovery = [medianRecoveryMs, p95RecoveryMs, longestRecoveryMs].map((ms) => ms ?? '-');
    return `| ${[sweep.scenario, points, kills, unreached, recoveries, ...recovery, faults].join(' | ')} |`;
  });
  return [
    '| Scenario | Points | Kills | Not reached | Before the end | Median to the end, ms | p95 | Longest | Faults |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    ...sweeps.flatMap(faultLines),
  ].join('\n');
};

const faultLines = ({ scenario, undisturbed, results }: SweepResult): string[] => [
  ...undisturbed.map((fault) => `- ${scenario}, undisturbed: ${fault}`),
  ...results.flatMap((result) => result.faults.map((fault) => `- ${scenario}, ${placeOf(result)}: ${fault}`)),
];

const placeOf = ({ points }: PointResult) => points.map((point) => `${nameOf(point)} (${point.site})`).join(', then ');
