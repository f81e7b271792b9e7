export interface BenchOptions {
  readonly tasks: number;
  readonly seconds: number;
}

/** One line of a bench's output. */
export type Figures = Readonly<Record<string, string | number | boolean | object>>;

/** The value below which `share` of the samples lie; NaN without samples. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
