// Outages of our own operations, told by their error rates. What happens is counted by each instance, in a window that moves on; the
// rates are judged by pure code.
import { severityOfRate, type Counts, type RateLimits } from './failure-rate.ts';
import type { Finding } from './draft.ts';

/** Outcomes of the last `windowMs`, by operation. Memory is bounded by the number of operations, not by that of requests. */
export interface OutcomeWindow {
  observe(operation: string, failed: boolean, nowMs: number): void;
  counts(nowMs: number): Map<string, Counts>;
}

const buckets = 10;

export const outcomeWindow = (windowMs: number): OutcomeWindow => {
  const widthMs = windowMs / buckets;
  const seen = new Map<number, Map<string, Counts>>();
  const forgetOld = (nowMs: number) => {
    for (const bucket of seen.keys()) if (bucket <= Math.floor(nowMs / widthMs) - buckets) seen.delete(bucket);
  };
  return {
    observe: (operation, failed, nowMs) => {
      forgetOld(nowMs);
      const bucket = Math.floor(nowMs / widthMs);
      const counts = seen.get(bucket) ?? new Map<string, Counts>();
      seen.set(bucket, counts.set(operation, plus(counts.get(operation), { total: 1, failed: failed ? 1 : 0 })));
    },
    counts: (nowMs) => {
      forgetOld(nowMs);
      const sum = new Map<string, Counts>();
      for (const [operation, counts] of [...seen.values()].flatMap((bucket) => [...bucket])) {
        sum.set(operation, plus(sum.get(operation), counts));
      }
      return sum;
    },
  };
};

const plus = (a: Counts = { total: 0, failed: 0 }, b: Counts): Counts => ({
  total: a.total + b.total,
  failed: a.failed + b.failed,
});

// The promise is less than 1 % of errors; five times that over a window with enough requests is no accident.
const limits: RateLimits = { minimum: 20, perMille: 50, worstPerMille: 500 };

/** A finding for each operation that fails too often. One outage counts once an hour. */
export const serviceOutages = (counts: ReadonlyMap<string, Counts>, now: Date): Finding[] =>
  [...counts].flatMap(([operation, count]) => {
    const severity = severityOfRate(count, limits);
    if (severity === null) return [];
    const detail = `${count.failed} of ${count.total} requests failed`;
    return [
      {
        trigger: 'service-outage',
        severity,
        title: `${operation} fails: ${detail}`,
        subject: operation,
        occurrence: now.toISOString().slice(0, 13),
        evidence: [{ source: 'operations', ref: operation, detail }],
      },
    ];
  });
