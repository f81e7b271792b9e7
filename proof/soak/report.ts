// What a soak found, as data that can be added up over several rounds. Pure.
import { percentile, rounded } from '../../bench/figures.ts';
import type { Violation } from '../check/index.ts';
import { notReached, type FaultCounts, type FaultKind } from './fault-plan.ts';
import type { DrivePlan, Outcome } from './drive.ts';
import type { Death } from './log.ts';
import type { Memory } from './memory.ts';
import type { Recovery } from './recovery.ts';
import type { StageOptions } from './stage.ts';
import type { Struck } from './strikes.ts';

/** What a soak must not find. */
export const findingTitles = {
  lost: 'Tasks lost',
  endedOtherwise: 'Tasks that ended otherwise than planned',
  resultsDoubled: 'Results doubled (C2)',
  effectsWrong:
    'Effects recorded twice, or requests to providers that are neither recorded nor known to be unknown (C3)',
  otherInvariants: 'Other invariants broken',
  deadLetters: 'Messages kept as unusable',
  givenUp: 'Events given up by the host',
  unexpectedDeaths: 'Processes that died by themselves',
} as const;
export type Finding = keyof typeof findingTitles;
export const findingKinds = Object.keys(findingTitles) as Finding[];

export interface SoakReport {
  /** The first seed; each further round has the next. */
  readonly seed: number;
  readonly rounds: number;
  readonly startedAt: string;
  readonly seconds: number;
  readonly instances: number;
  readonly inFlight: number;
  readonly tasks: number;
  readonly ended: Counts;
  readonly faults: FaultCounts;
  /** Kills that found a process at work on a task. */
  readonly killsInterruptingWork: number;
  readonly providerRequests: number;
  /** Claims whose model calls are on record as unknown: the price of kills. */
  readonly unknownClaims: number;
  /** Milliseconds; the recoveries are defined in recovery.ts. */
  readonly samples: Readonly<Record<'restart' | 'taskRecovery' | 'claimRecovery', readonly number[]>>;
  /** At the end of the last round. */
  readonly memoryMb: Memory;
  /** Errors that the functions logged; a fault that was survived may be among them. */
  readonly loggedErrors: Counts;
  readonly findings: Readonly<Record<Finding, readonly string[]>>;
}
type Counts = Readonly<Record<string, number>>;

export interface Found {
  readonly options: DrivePlan & StageOptions;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly outcomes: readonly Outcome[];
  readonly struck: Struck;
  readonly counts: FaultCounts;
  readonly recoveries: readonly Recovery[];
  readonly interruptedKills: number;
  readonly providerRequests: number;
  readonly unknownClaims: number;
  readonly violations: readonly Violation[];
  readonly deadLetters: readonly string[];
  readonly unexpectedDeaths: readonly Death[];
  readonly givenUp: readonly string[];
  readonly errors: Counts;
  readonly memoryMb: Memory;
}

export const reportOf = (found: Found): SoakReport => ({
  seed: found.options.seed,
  rounds: 1,
  startedAt: found.startedAt.toISOString(),
  seconds: found.seconds,
  instances: found.options.instances,
  inFlight: found.options.inFlight,
  tasks: found.outcomes.length,
  ended: counted(found.outcomes.flatMap(({ ended }) => ended?.state ?? [])),
  faults: found.counts,
  killsInterruptingWork: found.interruptedKills,
  providerRequests: found.providerRequests,
  unknownClaims: found.unknownClaims,
  samples: {
    restart: found.struck.restartMs,
    taskRecovery: found.recoveries.flatMap(({ taskMs }) => taskMs ?? []),
    claimRecovery: found.recoveries.flatMap(({ claimMs }) => claimMs ?? []),
  },
  memoryMb: found.memoryMb,
  loggedErrors: found.errors,
  findings: findingsOf(found),
});

const findingsOf = ({ outcomes, violations, ...found }: Found): SoakReport['findings'] => {
  const broken = (fits: (invariant: string) => boolean) =>
    violations.filter(({ invariant }) => fits(invariant)).map(violationLine);
  return {
    lost: outcomes.filter(({ ended }) => !ended).map(outcomeLine),
    endedOtherwise: outcomes.filter(endedOtherwise).map(outcomeLine),
    resultsDoubled: broken((invariant) => invariant === 'C2'),
    effectsWrong: broken((invariant) => invariant === 'C3'),
    otherInvariants: broken((invariant) => invariant !== 'C2' && invariant !== 'C3'),
    deadLetters: found.deadLetters,
    givenUp: found.givenUp,
    unexpectedDeaths: found.unexpectedDeaths.map(({ pid, how }) => `${pid}: ${how}`),
  };
};

const endedOtherwise = ({ ended, endings }: Outcome) =>
  ended !== undefined && !(endings as readonly string[]).includes(ended.state);

const outcomeLine = ({ org, id, index, shape, ended }: Outcome) =>
  `${org}/${id} (task ${index}, ${shape}): ${ended ? `${ended.state} ${ended.failure ?? ''}` : 'not over'}`;

const violationLine = ({ invariant, org, task, assignment, detail }: Violation) =>
  `${invariant} ${[org, task, assignment].filter((part) => part !== undefined).join('/')}: ${detail}`;

const counted = (words: readonly string[]): Counts =>
  Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length]));

/** The report over both, `b` being the later one. */
export const added = (a: SoakReport, b: SoakReport): SoakReport => ({
  ...a,
  rounds: a.rounds + b.rounds,
  seconds: a.seconds + b.seconds,
  tasks: a.tasks + b.tasks,
  ended: sums(a.ended, b.ended),
  faults: sums(a.faults, b.faults),
  killsInterruptingWork: a.killsInterruptingWork + b.killsInterruptingWork,
  providerRequests: a.providerRequests + b.providerRequests,
  unknownClaims: a.unknownClaims + b.unknownClaims,
  samples: joined(a.samples, b.samples),
  memoryMb: b.memoryMb,
  loggedErrors: sums(a.loggedErrors, b.loggedErrors),
  findings: joined(a.findings, b.findings),
});

const sums = (a: Readonly<Partial<Counts>>, b: Readonly<Partial<Counts>>): Counts =>
  Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));

const joined = <K extends string, T>(a: Readonly<Record<K, readonly T[]>>, b: Readonly<Record<K, readonly T[]>>) =>
  Object.fromEntries(
    (Object.keys(a) as K[]).map((name) => [name, [...a[name], ...b[name]]] as const),
  ) as unknown as Record<K, readonly T[]>;

/** Nothing was found, and every kind of fault was reached. */
export const hasPassed = (report: SoakReport): boolean =>
  findingKinds.every((kind) => report.findings[kind].length === 0) && missedFaults(report).length === 0;

export const missedFaults = ({ faults }: SoakReport): FaultKind[] => notReached(faults);

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
}

/** Undefined without samples. */
export const spreadOf = (samples: readonly number[]): Spread | undefined =>
  samples.length === 0
    ? undefined
    : {
        count: samples.length,
        p50: rounded(percentile(samples, 0.5), 0),
        p95: rounded(percentile(samples, 0.95), 0),
        longest: rounded(percentile(samples, 1), 0),
      };
