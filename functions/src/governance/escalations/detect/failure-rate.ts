// When failures are too many. Pure.
import type { Severity } from '../schemas.ts';

export interface Counts {
  readonly total: number;
  readonly failed: number;
}

export interface RateLimits {
  /** Below so many a rate says nothing. */
  readonly minimum: number;
  /** Failures in a thousand from which it is an incident, and from which it is the worst one. */
  readonly perMille: number;
  readonly worstPerMille: number;
}

/** How bad a rate is; null when it is none, or when too little was seen. */
export const severityOfRate = ({ total, failed }: Counts, limits: RateLimits): Severity | null => {
  if (total < limits.minimum) return null;
  if (failed * 1_000 >= total * limits.worstPerMille) return 'critical';
  return failed * 1_000 >= total * limits.perMille ? 'high' : null;
};
