// Costs that exceed a budget, or will at the present pace. Pure, and exact: no division, no floating point.
//
// K1. More spent than budgeted is an overrun; exactly the budget is none.
// K2. A forecast is linear: what is spent by a share of the progress is spent again by each equal share. It counts only once a fifth
//     of the progress is made, as the first steps say little.
// K3. Spending more, with all else equal, never makes an overrun go away or milder.
import type { Severity } from '../schemas.ts';
import type { Finding } from './draft.ts';

/** What one budget is for: a task, or a month of an org. */
export interface BudgetUse {
  readonly name: string;
  readonly spentNanoUsd: bigint;
  readonly budgetNanoUsd: bigint | null;
  /** How much of what the budget is for is done: assignments of a task, milliseconds of a month. */
  readonly done: number;
  readonly all: number;
}

type Level = 'forecast' | 'over' | 'far-over';

const severityOf: Readonly<Record<Level, Severity>> = { forecast: 'medium', over: 'high', 'far-over': 'critical' };

/** A forecast is told from this share of the progress on: 1/5. */
const minimumShare = 5n;

/** What a budget's use comes to; null when all is well. */
export const overrunOf = ({ spentNanoUsd, budgetNanoUsd, done, all }: BudgetUse): Level | null => {
  if (budgetNanoUsd === null) return null;
  if (spentNanoUsd * 2n > budgetNanoUsd * 3n) return 'far-over';
  if (spentNanoUsd > budgetNanoUsd) return 'over';
  const [part, whole] = [BigInt(done), BigInt(all)];
  const knowsEnough = part > 0n && part * minimumShare >= whole;
  return knowsEnough && spentNanoUsd * whole > budgetNanoUsd * part ? 'forecast' : null;
};

export const costOverruns = (uses: readonly BudgetUse[]): Finding[] =>
  uses.flatMap((use) => {
    const level = overrunOf(use);
    return level === null ? [] : [findingOf(use, level)];
  });

const findingOf = (use: BudgetUse, level: Level): Finding => ({
  trigger: 'cost-overrun',
  severity: severityOf[level],
  title: `${use.name}: ${level === 'forecast' ? 'the budget will not do' : 'more is spent than budgeted'}`,
  subject: use.name,
  // A budget that stays exceeded is one thing, however often somebody looks.
  occurrence: level,
  evidence: [{ source: 'spend', ref: use.name, detail: figures(use) }],
});

const figures = ({ spentNanoUsd, budgetNanoUsd, done, all }: BudgetUse): string => {
  const forecast = done > 0 ? (spentNanoUsd * BigInt(all)) / BigInt(done) : null;
  const spent = `${dollars(spentNanoUsd)} of ${dollars(budgetNanoUsd ?? 0n)} spent`;
  return forecast === null ? spent : `${spent}, ${dollars(forecast)} forecast`;
};

const nanoPerCent = 10_000_000n;

const dollars = (nanoUsd: bigint): string => {
  const cents = nanoUsd / nanoPerCent;
  return `$${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
};
