// What the fuzzer counted, by operation, and as a page. Pure.
import { faults, type Fault, type Verdict } from './judge.ts';

export interface Counts extends Record<Fault, number> {
  requests: number;
  succeeded: number;
  refused: number;
  refusedValid: number;
}

const none = (): Counts => ({
  requests: 0,
  succeeded: 0,
  refused: 0,
  serverError: 0,
  undocumented: 0,
  mismatch: 0,
  acceptedInvalid: 0,
  refusedValid: 0,
});

export interface Finding {
  readonly kind: Fault | 'refusedValid';
  readonly operation: string;
  readonly why: string;
  /** As it was sent, to send it again. */
  readonly request: string;
}

export interface Report {
  readonly seed: number;
  readonly seconds: number;
  readonly operations: ReadonlyMap<string, Counts>;
  readonly findings: readonly Finding[];
}

export interface Tally {
  add(operation: string, status: number, verdict: Verdict, request: string): void;
  readonly operations: ReadonlyMap<string, Counts>;
  readonly findings: readonly Finding[];
}

const maxFindings = 200;

export const emptyTally = (ids: readonly string[]): Tally => {
  const operations = new Map(ids.map((id) => [id, none()]));
  const findings: Finding[] = [];
  return {
    operations,
    findings,
    add: (operation, status, { fault, refusedValid, why }, request) => {
      const counts = operations.get(operation) ?? none();
      operations.set(operation, counts);
      counts.requests += 1;
      if (status < 300) counts.succeeded += 1;
      else if (status < 500) counts.refused += 1;
      const kind = fault ?? (refusedValid ? 'refusedValid' : undefined);
      if (kind === undefined) return;
      counts[kind] += 1;
      if (findings.length < maxFindings) findings.push({ kind, operation, why, request });
    },
  };
};

export const sumOf = (operations: ReadonlyMap<string, Counts>): Counts => {
  const sum = none();
  for (const counts of operations.values()) {
    for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += counts[name];
  }
  return sum;
};

/** A request that fits may be refused for what no schema can say; everything else breaks the document. */
export const hasPassed = ({ operations }: Report): boolean => {
  const sum = sumOf(operations);
  return faults.every((fault) => sum[fault] === 0);
};

const columns: readonly (readonly [title: string, of: keyof Counts])[] = [
  ['requests', 'requests'],
  ['2xx', 'succeeded'],
  ['4xx', 'refused'],
  ['5xx', 'serverError'],
  ['undocumented status', 'undocumented'],
  ['schema mismatch', 'mismatch'],
  ['invalid accepted', 'acceptedInvalid'],
  ['valid refused', 'refusedValid'],
];

const row = (name: string, counts: Counts) => `| ${[name, ...columns.map(([, of]) => counts[of])].join(' | ')} |`;

const table = ({ operations }: Pick<Report, 'operations'>): string =>
  [
    `| ${['operation', ...columns.map(([title]) => title)].join(' | ')} |`,
    `| ${['---', ...columns.map(() => '--:')].join(' | ')} |`,
    ...[...operations].map(([id, counts]) => row(id, counts)),
    row('**all**', sumOf(operations)),
  ].join('\n');

const maxShown = 1_000;

export const markdown = (report: Report): string =>
  [
    `# Fuzz: ${hasPassed(report) ? 'passed' : 'FAILED'}`,
    `Seed ${report.seed}, ${report.seconds} s.`,
    table(report),
    ...report.findings.map(
      ({ kind, operation, why, request }) =>
        `- ${kind}: ${operation}: ${why.slice(0, maxShown)}\n  \`${request.slice(0, maxShown)}\``,
    ),
  ].join('\n\n');
