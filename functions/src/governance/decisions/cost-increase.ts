// The one threshold of decision authority, in integer arithmetic: a cost that rises by exactly 20 % is still ours to decide.

export interface MonthlyCost {
  readonly baselineNanoUsd: bigint;
  readonly projectedNanoUsd: bigint;
}

/** Of the baseline, in percent: what is above it needs approval. */
const limitPercent = 120n;

/** Does the cost rise by more than 20 %? Any cost is more than that where there was none. */
export const costIncrease = (baselineNanoUsd: bigint, projectedNanoUsd: bigint): boolean =>
  projectedNanoUsd * 100n > baselineNanoUsd * limitPercent;

/** Says what rises, when it rises by more than 20 %. */
export const describeIncrease = ({ baselineNanoUsd, projectedNanoUsd }: MonthlyCost): string | undefined =>
  costIncrease(baselineNanoUsd, projectedNanoUsd)
    ? `The monthly cost would rise from ${dollars(baselineNanoUsd)} to ${dollars(projectedNanoUsd)}, more than 20 %.`
    : undefined;

const nanoPerDollar = 1_000_000_000n;

/** To the last nano-dollar, at least to the cent. */
const dollars = (nanoUsd: bigint): string => {
  const nano = String(nanoUsd % nanoPerDollar).padStart(9, '0');
  return `$${nanoUsd / nanoPerDollar}.${nano.slice(0, 2)}${nano.slice(2).replace(/0+$/, '')}`;
};
