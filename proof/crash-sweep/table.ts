// What a sweep found, for people.
import { missedPoint, nameOf } from './points.ts';
import type { PointResult, SweepResult } from './sweep.ts';

export interface Totals {
  readonly points: number;
  readonly kills: number;
  /** Points that the run did not meet, and need not: how often it reads and publishes depends on timing. */
  readonly unreached: number;
  /** Points that every counting run met and no try did. Each is among the faults. */
  readonly certainUnreached: number;
  readonly faults: number;
  /** Kills that fell before the task was over; the others fell while everything that was sent came again. */
  readonly recoveries: number;
  readonly medianRecoveryMs: number | null;
  readonly p95RecoveryMs: number | null;
  readonly longestRecoveryMs: number | null;
}

export const totalsOf = ({ undisturbed, results }: Omit<SweepResult, 'scenario' | 'crossings'>): Totals => {
  const recoveries = results.flatMap(({ recoveryMs }) => recoveryMs ?? []).toSorted((a, b) => a - b);
  const missing = results.filter(({ kills, points }) => kills < points.length);
  const certainUnreached = missing.filter(({ kills, points }) => missedPoint(points, kills)).length;
  return {
    points: results.length,
    kills: results.reduce((sum, { kills }) => sum + kills, 0),
    unreached: missing.length - certainUnreached,
    certainUnreached,
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
    const { points, kills, unreached, certainUnreached, faults, recoveries, ...times } = totalsOf(sweep);
    const { medianRecoveryMs, p95RecoveryMs, longestRecoveryMs } = times;
    const recovery = [medianRecoveryMs, p95RecoveryMs, longestRecoveryMs].map((ms) => ms ?? '-');
    const reach = [points, kills, unreached, certainUnreached, recoveries];
    return `| ${[sweep.scenario, ...reach, ...recovery, faults].join(' | ')} |`;
  });
  return [
    '| Scenario | Points | Kills | Not reached | Certain, not reached | Before the end | Median to the end, ms | p95 | Longest | Faults |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    ...sweeps.flatMap(faultLines),
  ].join('\n');
};

const faultLines = ({ scenario, undisturbed, results }: SweepResult): string[] => [
  ...undisturbed.map((fault) => `- ${scenario}, undisturbed: ${fault}`),
  ...results.flatMap((result) => result.faults.map((fault) => `- ${scenario}, ${placeOf(result)}: ${fault}`)),
];

const placeOf = ({ points }: PointResult) => points.map((point) => `${nameOf(point)} (${point.site})`).join(', then ');
