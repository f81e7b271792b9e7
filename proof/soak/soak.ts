// A soak: the local suite under random tasks and faults, and at the end the books.
//
// S1. Tasks and faults follow from the seed (task-plan.ts, fault-plan.ts); only their timing is the machine's.
// S2. So many tasks at a time, however many in all. What is kept of each is small, but the books are read whole at the end: a long soak
//     is made of rounds, each with emulators of its own (run.ts).
// S3. A task that is overdue gives its place to the next one and is looked at again at the end: lost is what is still not over when
//     the sweeper has been fired for `drainMs` more.
// S4. Nothing of the engine says how it went, except what it has stored: the checker judges it, with the providers' own log.
import { checkInvariants } from '../check/index.ts';
import { disturbedDeliveries, type Deliveries } from './deliveries.ts';
import { drive, type Driven, type DrivePlan } from './drive.ts';
import { watchLog, type LogWatch } from './log.ts';
import { memoryOf } from './memory.ts';
import { followProviders, type ProviderLog } from './provider-log.ts';
import { reportOf, type SoakReport } from './report.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';
import { countLateResults, countUnknownClaims, deadLettersOf, recoveriesOf } from './stored.ts';
import { makeStriker } from './strikes.ts';
import { orgs } from './task-plan.ts';

export interface SoakOptions extends DrivePlan, StageOptions {
  /** Receives the log of the suite and its functions, a line at a time. */
  readonly onLine?: (line: string) => void;
}

/** Runs a soak and judges it. Rejects only when it could not be run. */
export const runSoak = async (options: SoakOptions): Promise<SoakReport> => {
  const log = watchLog(options.onLine);
  // Long enough that others find the lease run out and take the work.
  const stopMs = 2 * options.leaseMs + 2_000;
  const striker = makeStriker({ instances: options.instances, stopMs });
  const deliveries = disturbedDeliveries(options.seed, striker.killedAt);
  const stage = await openStage(options, { hooks: deliveries.hooks, log: log.take });
  try {
    const providers = await followProviders(stage.suite.urls.llm ?? '', options.seed);
    const startedAt = new Date();
    const driven = await drive({ ...stage, striker, plan: options });
    const found = await gather(stage, { driven, deliveries, providers, log });
    const { database } = stage;
    const { providerRequests } = found;
    return reportOf({
      ...found,
      options,
      startedAt,
      providerRequests: providerRequests.length,
      violations: await checkInvariants({
        database,
        orgs,
        areAlone: true,
        providerRequests,
        stops: found.struck.stops,
      }),
      unexpectedDeaths: log.deaths().filter(({ pid }) => !striker.struckPids().has(pid)),
    });
  } finally {
    await stage.stop();
  }
};

interface Sources {
  readonly driven: Driven;
  readonly deliveries: Deliveries;
  readonly providers: ProviderLog;
  readonly log: LogWatch;
}

const gather = async ({ suite, database, hits }: Stage, { driven, deliveries, providers, log }: Sources) => ({
  ...driven,
  counts: {
    'process-killed': driven.struck.kills,
    'process-stopped': driven.struck.stops.length,
    'late-result-refused': await countLateResults(database),
    ...deliveries.counts(),
    ...(await hits()),
    ...(await providers.faults()),
  },
  recoveries: await recoveriesOf(database, deliveries.interruptions()),
  interruptedKills: new Set(deliveries.interruptions().map(({ killedAt }) => killedAt)).size,
  providerRequests: await providers.all(),
  unknownClaims: await countUnknownClaims(database),
  deadLetters: await deadLettersOf(database, orgs),
  givenUp: deliveries.givenUp(),
  errors: log.errors(),
  memoryMb: await memoryOf(suite.pids()),
});
