// The limits whose figures somebody here really counts, and how near we are. Pure.
import type { Finding } from './draft.ts';

interface Limit {
  readonly title: string;
  /** Null: a policy or another part of us sets it, and the observation says it. */
  readonly limit: number | null;
  readonly unit: string;
  readonly source: string;
}

const ours = 'this service';

export const limits = {
  'document-size': {
    title: 'size of a document',
    limit: 1_048_576,
    unit: 'bytes',
    source: 'https://cloud.google.com/firestore/quotas',
  },
  'plan-size': { title: 'assignments of a plan', limit: null, unit: 'assignments', source: ours },
  'running-assignments': { title: 'assignments that run at once', limit: null, unit: 'assignments', source: ours },
} as const satisfies Record<string, Limit>;
export type LimitName = keyof typeof limits;

/** Something counted. `limit` is needed where the table has none, and ignored where it has one. */
export interface Measure {
  readonly name: LimitName;
  /** What was measured, e.g. the path of a document. */
  readonly subject: string;
  readonly value: number;
  readonly limit?: number;
}

/** From this share of a limit on there is reason to act: 4/5. */
const near = { part: 4, of: 5 };

export const scalabilityLimits = (measures: readonly Measure[]): Finding[] =>
  measures.flatMap((measure) => {
    const row: Limit = limits[measure.name];
    const limit = row.limit ?? measure.limit;
    if (limit === undefined || measure.value * near.of < limit * near.part) return [];
    const reached = measure.value >= limit;
    const detail = `${measure.value} of ${limit} ${row.unit} (${row.source})`;
    return [
      {
        trigger: 'scalability-limit',
        severity: reached ? 'high' : 'medium',
        title: `${row.title}: ${reached ? 'the limit is reached' : 'the limit is near'}`,
        subject: `${measure.name} ${measure.subject}`,
        occurrence: reached ? 'reached' : 'near',
        evidence: [{ source: 'operations', ref: measure.subject, detail }],
      },
    ];
  });
