// What a sweep found, for people.
import { nameOf } from './points.ts';
import type { PointResult, SweepResult } from './sweep.ts';

export interface Totals {
  readonly points: number;
  readonly kills: number;
  /** Points whose crossing only some of the counting runs had, and that no try met. */
  readonly unreached: number;
  readonly faults: number;
  readonly medianRecoveryMs: number | null;
  readonly longestRecoveryMs: number | null;
}

export const totalsOf = ({ undisturbed, results }: Omit<SweepResult, 'scenario' | 'crossings'>): Totals => {
  const recoveries = results.flatMap(({ recoveryMs }) => recoveryMs ?? []).toSorted((a, b) => a - b);
  return {
    points: results.length,
    kills: results.reduce((sum, { kills }) => sum + kills, 0),
    unreached: results.filter(({ kills, points }) => kills < points.length).length,
    faults: undisturbed.length + results.reduce((sum, { faults }) => sum + faults.length, 0),
    medianRecoveryMs: recoveries[Math.floor(recoveries.length / 2)] ?? null,
    longestRecoveryMs: recoveries.at(-1) ?? null,
  };
};

/** A table of the scenarios, and under it each fault with the points that brought it about. */
export const markdownOf = (sweeps: readonly SweepResult[]): string => {
  const rows = sweeps.map((sweep) => {
    const { points, kills, unreached, faults, medianRecoveryMs, longestRecoveryMs } = totalsOf(sweep);
    return `| ${[sweep.scenario, points, kills, unreached, medianRecoveryMs ?? '-', longestRecoveryMs ?? '-', faults].join(' | ')} |`;
  });
  return [
    '| Scenario | Points | Kills | Not reached | Median to the end, ms | Longest, ms | Faults |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    ...sweeps.flatMap(faultLines),
  ].join('\n');
};

const faultLines = ({ scenario, undisturbed, results }: SweepResult): string[] => [
  ...undisturbed.map((fault) => `- ${scenario}, undisturbed: ${fault}`),
  ...results.flatMap((result) => result.faults.map((fault) => `- ${scenario}, ${placeOf(result)}: ${fault}`)),
];

const placeOf = ({ points }: PointResult) => points.map((point) => `${nameOf(point)} (${point.site})`).join(', then ');
