// The eight quality gates of the specification, as data: which evidence each accepts. A gate without evidence says so; it is
// never passed by default.
import type { ArtifactKind, Verdict } from '../artifacts/schemas.ts';

export interface Deliverable {
  readonly assignment: string;
  readonly kind: ArtifactKind;
  readonly verdict: Verdict | null;
  /** A review that a later round replaced no longer counts. */
  readonly superseded: boolean;
}

export interface GateVerdict {
  readonly gate: string;
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'no_evidence';
  readonly evidence: string[];
}

type Evidence = 'valid-artifact' | 'review-verdict' | 'none-yet';

interface Gate {
  readonly gate: string;
  readonly title: string;
  readonly evidence: Evidence;
  readonly kind?: ArtifactKind;
}

export const gates: readonly Gate[] = [
  { gate: 'tests', title: 'All tests pass (unit, integration, load)', evidence: 'none-yet' },
  {
    gate: 'security',
    title: 'Security scan shows no vulnerabilities',
    evidence: 'review-verdict',
    kind: 'security-review',
  },
  { gate: 'documentation', title: 'API documentation complete', evidence: 'valid-artifact', kind: 'openapi' },
  { gate: 'performance', title: 'Performance benchmarks met', evidence: 'review-verdict', kind: 'performance-review' },
  { gate: 'error-handling', title: 'Error handling comprehensive', evidence: 'none-yet' },
  { gate: 'monitoring', title: 'Monitoring configured', evidence: 'valid-artifact', kind: 'deployment-plan' },
  { gate: 'backup', title: 'Backup strategy tested', evidence: 'none-yet' },
  { gate: 'code-review', title: 'Code review approved', evidence: 'none-yet' },
];

/** Judges every gate by the deliverables of a task. */
export const evaluateGates = (deliverables: readonly Deliverable[]): GateVerdict[] =>
  gates.map(({ gate, title, evidence, kind }) => {
    const found = evidence === 'none-yet' ? [] : deliverables.filter((each) => each.kind === kind && !each.superseded);
    const failed = found.some(({ verdict }) => verdict === 'changes-needed');
    const status = found.length === 0 ? 'no_evidence' : failed ? 'failed' : 'passed';
    return { gate, title, status, evidence: found.map(({ assignment }) => assignment) };
  });
