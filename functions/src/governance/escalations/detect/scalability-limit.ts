// The limits that we run into first, and how near we are. Pure.
import type { Finding } from './draft.ts';

interface Limit {
  readonly title: string;
  /** Null: a policy or another part of us sets it, and the observation says it. */
  readonly limit: number | null;
  readonly unit: string;
  readonly source: string;
}

const firestoreQuotas = 'https://cloud.google.com/firestore/quotas';
const firestoreBestPractices = 'https://cloud.google.com/firestore/docs/best-practices';
const ours = 'this service';

export const limits = {
  'document-size': { title: 'size of a document', limit: 1_048_576, unit: 'bytes', source: firestoreQuotas },
  'document-writes': {
    title: 'sustained writes to a document',
    limit: 1,
    unit: 'a second',
    source: firestoreBestPractices,
  },
  'collection-ramp': {
    title: 'operations on a new collection, which may grow by half every five minutes',
    limit: 500,
    unit: 'a second',
    source: firestoreBestPractices,
  },
  'sequential-writes': {
    title: 'writes to a collection with a sequential index',
    limit: 500,
    unit: 'a second',
    source: firestoreQuotas,
  },
  'commit-size': { title: 'size of a commit', limit: 10_485_760, unit: 'bytes', source: firestoreQuotas },
  'message-size': {
    title: 'size of a message',
    limit: 10_000_000,
    unit: 'bytes',
    source: 'https://cloud.google.com/pubsub/quotas',
  },
  'event-size': {
    title: 'size of a document whose change triggers a function',
    limit: 524_288,
    unit: 'bytes',
    source: 'https://cloud.google.com/eventarc/docs/quotas',
  },
  'plan-size': { title: 'assignments of a plan', limit: null, unit: 'assignments', source: ours },
  'scratchpad-size': { title: 'size of a scratchpad', limit: null, unit: 'bytes', source: ours },
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
