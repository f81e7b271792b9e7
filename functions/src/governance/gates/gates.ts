// The eight quality gates of the specification, as data: which evidence each accepts, and how strong it is.
//
// Ranks say what outweighs what. Where a machine measures the very thing, it outweighs a person, who would need a waiver to get
// past it; where judgement is the thing, a person outweighs a model. A scanner and a reviewer see different faults, so they
// share a rank and neither can outvote the other.
import type { ArtifactKind } from '../../artifacts/schemas.ts';
import { gateIds, type EvidenceSource, type GateId } from './schemas.ts';

/** A bound on a metric of a valid artifact; an artifact that lacks the metric says nothing about the gate. */
export interface Bound {
  readonly metric: string;
  readonly min?: number;
  readonly max?: number;
}

interface Accepted {
  /** 1 is the strongest; sources of one rank count together. */
  readonly rank: number;
  /** What to bring, for people. */
  readonly needed: string;
}

/** A valid artifact of the kind whose metrics keep to every bound. */
export interface ByValidator extends Accepted {
  readonly source: 'validator';
  readonly kind: ArtifactKind;
  readonly bounds: readonly Bound[];
}

/**
 * A review of the kind, by a specialist that made nothing of what it judges. It passes nothing that is newer than itself among the kinds
 * that it judges; its objection stands until a later round replaces it.
 */
export interface ByVerdict extends Accepted {
  readonly source: 'verdict';
  readonly kind: ArtifactKind;
  readonly judges: readonly ArtifactKind[];
  /** Whether the review counts only where there is work of these kinds. */
  readonly requiresWork: boolean;
}

/** A statement from outside. Like a review, it passes nothing that is newer than itself among the kinds that it judges, if any. */
interface ByPerson extends Accepted {
  readonly source: 'human';
  readonly judges: readonly ArtifactKind[];
}

/** A statement of CI. Its check must be named after what the gate is about, one of these words with or without more behind a dash. */
interface ByKey extends Accepted {
  readonly source: 'attestation';
  readonly judges: readonly ArtifactKind[];
  readonly checks: readonly string[];
}

export type Acceptance = ByValidator | ByVerdict | ByPerson | ByKey;

export interface Gate {
  /** Raised whenever what follows changes its meaning; a verdict names the version that it was reached under. */
  readonly version: number;
  readonly title: string;
  readonly accepts: readonly Acceptance[];
  /** Evidence older than the org's policy allows does not count. */
  readonly expires?: 'backupMaxAgeHours';
  /** What is attested of the org as a whole counts for each of its tasks. */
  readonly ofOrg?: true;
}

const code: readonly ArtifactKind[] = ['typescript', 'security-rules'];
const codeAndModel: readonly ArtifactKind[] = ['typescript', 'firestore-schema'];

/** The name of a check that has none. */
const unnamed = 'default';
const testChecks = [
  ...[unnamed, 'test', 'tests', 'unit', 'integration', 'component', 'contract', 'functional', 'system', 'acceptance'],
  ...['regression', 'smoke', 'e2e', 'end-to-end', 'load', 'api', 'ui', 'property', 'mutation'],
];
const scans = [
  ...[unnamed, 'security', 'scan', 'sast', 'dast', 'sca', 'dependencies', 'secrets', 'container', 'vulnerabilities'],
  ...['audit', 'fuzz', 'penetration'],
];
const loadTests = [unnamed, 'performance', 'load', 'stress', 'soak', 'spike', 'benchmark', 'benchmarks', 'latency'];
const restoreTests = [unnamed, 'backup', 'restore', 'recovery'];

const independentReviews = (rank: number): ByVerdict[] => [
  {
    source: 'verdict',
    kind: 'code-review',
    judges: code,
    requiresWork: true,
    rank,
    needed: 'A code review by a specialist that wrote none of the code',
  },
  {
    source: 'verdict',
    kind: 'security-review',
    judges: code,
    requiresWork: true,
    rank,
    needed: 'A security review by a specialist that wrote none of the code',
  },
];

export const gates: Readonly<Record<GateId, Gate>> = {
  tests: {
    version: 3,
    title: 'All tests pass (unit, integration, load)',
    accepts: [
      {
        source: 'attestation',
        judges: code,
        checks: testChecks,
        rank: 1,
        needed: 'An attestation by CI that the tests pass',
      },
      { source: 'human', judges: code, rank: 2, needed: 'An attestation by a person that the tests pass' },
    ],
  },
  security: {
    version: 5,
    title: 'Security scan shows no vulnerabilities',
    accepts: [
      {
        source: 'verdict',
        kind: 'security-review',
        judges: code,
        requiresWork: false,
        rank: 1,
        needed: 'A security review that passes all of the code, by a specialist that wrote none of it',
      },
      { source: 'attestation', judges: code, checks: scans, rank: 1, needed: 'An attestation by a scanner' },
    ],
  },
  documentation: {
    version: 1,
    title: 'API documentation complete',
    accepts: [
      {
        source: 'validator',
        kind: 'openapi',
        // A valid document describes each of its operations; one without any documents nothing.
        bounds: [{ metric: 'endpoints', min: 1 }],
        rank: 1,
        needed: 'A valid OpenAPI document that describes every operation',
      },
      // Counts where there is no such document: then nothing of the team can be newer.
      { source: 'human', judges: [], rank: 2, needed: 'An attestation by a person that the documentation is complete' },
    ],
  },
  performance: {
    version: 5,
    title: 'Performance benchmarks met',
    accepts: [
      {
        source: 'verdict',
        kind: 'performance-review',
        judges: codeAndModel,
        requiresWork: false,
        rank: 1,
        needed:
          'A performance review that passes all of the code and the data model, by a specialist that made none of it',
      },
      {
        source: 'attestation',
        judges: codeAndModel,
        checks: loadTests,
        rank: 1,
        needed: 'An attestation by a load test',
      },
    ],
  },
  'error-handling': {
    version: 2,
    title: 'Error handling comprehensive',
    accepts: [
      {
        source: 'validator',
        kind: 'openapi',
        bounds: [
          { metric: 'endpoints', min: 1 },
          { metric: 'operationsWithoutErrors', max: 0 },
        ],
        rank: 1,
        needed: 'An OpenAPI document whose every operation declares its client and server errors',
      },
      ...independentReviews(2),
    ],
  },
  monitoring: {
    version: 1,
    title: 'Monitoring configured',
    accepts: [
      {
        source: 'validator',
        kind: 'deployment-plan',
        // None is valid without its monitoring.
        bounds: [],
        rank: 1,
        needed: 'A deployment plan with its monitoring',
      },
    ],
  },
  backup: {
    version: 2,
    title: 'Backup strategy tested',
    expires: 'backupMaxAgeHours',
    ofOrg: true,
    accepts: [
      // About the backups that there are, whatever the task makes.
      {
        source: 'attestation',
        judges: [],
        checks: restoreTests,
        rank: 1,
        needed: 'A recent attestation by the restore test',
      },
      { source: 'human', judges: [], rank: 2, needed: 'A recent attestation by a person that a backup was restored' },
    ],
  },
  'code-review': {
    version: 3,
    title: 'Code review approved',
    accepts: [
      { source: 'human', judges: code, rank: 1, needed: 'An attestation by a person that reviewed the code' },
      ...independentReviews(2),
    ],
  },
};

/** How the gate accepts a source, if it does. */
export const acceptanceOf = (gate: GateId, source: EvidenceSource): Acceptance | undefined =>
  gates[gate].accepts.find((accepted) => accepted.source === source);

/** The gates that somebody from outside may attest that way. */
export const gatesAccepting = (source: 'attestation' | 'human'): GateId[] =>
  gateIds.filter((gate) => acceptanceOf(gate, source));

/** The names of checks that are about what the gate is about. */
export const checksOf = (gate: GateId): readonly string[] => {
  const accepted = acceptanceOf(gate, 'attestation');
  return accepted && 'checks' in accepted ? accepted.checks : [];
};

/** Whether a check of that name is about what the gate is about. */
export const isCheckOf = (gate: GateId, check: string): boolean =>
  checksOf(gate).some((name) => check === name || check.startsWith(`${name}-`));

/** Is it the work of a team that brings it? */
export const isByTeam = (accepted: Acceptance): accepted is ByValidator | ByVerdict => 'kind' in accepted;

/** The gates that an artifact of the kind can speak to. */
export const gatesAcceptingKind = (kind: ArtifactKind): GateId[] =>
  gateIds.filter((gate) => gates[gate].accepts.some((accepted) => isByTeam(accepted) && accepted.kind === kind));
