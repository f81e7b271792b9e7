// One run of a scenario: the task is submitted, processes die at the points named, every message comes again, and when nothing
// moves any more the checker looks at what is left.
import { setTimeout as pause } from 'node:timers/promises';
import { checkInvariants } from '../check/index.ts';
import { readJournal, writeSchedule, type Crossed, type Point } from './control.ts';
import type { Scenario } from './scenarios/index.ts';
import { until, type Stage, type StagedTask } from './stage.ts';

export interface Trial {
  readonly run: string;
  /** How many of its points killed a process. */
  readonly kills: number;
  readonly crossed: readonly Crossed[];
  /** From the last kill to the end of the task; null when nothing was killed. */
  readonly recoveryMs: number | null;
  readonly faults: readonly string[];
}

const patienceMs = 120_000;
const sweepEveryMs = 1_000;
const quietMs = 250;
/** Longer than any handling that ends; the watcher has to look at the orgs of all trials of the last minutes. */
const quietPatienceMs = patienceMs;

interface Play {
  /** Names the trial, its org and its files. */
  readonly run: string;
  readonly points: readonly Point[];
  /** The orgs of earlier trials. */
  readonly neighbours: readonly string[];
}

/** Plays the scenario once. */
export const playTrial = async (
  stage: Stage,
  scenario: Scenario,
  { run, points, neighbours }: Play,
): Promise<Trial> => {
  writeSchedule(stage.directory, { run: `${run}-before`, points: [] });
  await scenario.before?.(stage, run);
  await stage.renew();
  stage.deliveries.startAnew();
  await stage.forgetRequests();
  writeSchedule(stage.directory, { run, points: [...points] });
  const title = `Trial ${run} ${scenario.marker ?? ''}`.trim();
  const message = { org: run, title, idempotencyKey: run, ...deadlineOf(scenario), ...scenario.submission };
  await stage.submit(message);
  const watched = watchKills(stage, run);
  const ended = await Promise.race([play(stage, scenario, run), pause(patienceMs, 'timeout' as const, { ref: false })]);
  watched.stop();
  const recoveryMs = watched.killedAt === null ? null : Math.round(performance.now() - watched.killedAt);
  const isQuiet = ended === 'timeout' || (await repeatEverything(stage, message));
  const crossed = readJournal(stage.directory, run);
  return {
    run,
    kills: crossed.filter(({ killed }) => killed).length,
    crossed,
    recoveryMs,
    faults: [
      ...faultsOfEnd(scenario, ended),
      ...(isQuiet ? [] : ['an event still comes again and again']),
      ...(await violations(stage, run, neighbours)),
    ],
  };
};

const deadlineOf = ({ deadlineMs }: Scenario): { deadline?: string } =>
  deadlineMs === undefined ? {} : { deadline: new Date(Date.now() + deadlineMs).toISOString() };

const play = async (stage: Stage, scenario: Scenario, org: string): Promise<string> => {
  const task = await stage.taskOf(org);
  return over(stage, (await scenario.meanwhile?.(stage, task)) ?? task);
};

const over = (stage: Stage, task: StagedTask): Promise<string> =>
  until(async () => {
    const { state, over: isOver } = await stage.stateOf(task);
    return isOver ? state : undefined;
  });

/** Once a process has died, events come doubled and the sweeper comes by often. Before, nothing disturbs the count. */
const watchKills = (stage: Stage, run: string) => {
  const watched = { killedAt: null as number | null, stop: () => clearInterval(timer) };
  let kills = 0;
  let sweptAt = 0;
  const look = () => {
    const killed = readJournal(stage.directory, run).filter((entry) => entry.killed).length;
    if (killed === 0) return;
    stage.deliveries.double();
    const now = performance.now();
    if (killed > kills) watched.killedAt = now;
    kills = killed;
    if (now - sweptAt < sweepEveryMs) return;
    sweptAt = now;
    void stage.sweep().catch(() => undefined);
  };
  const timer = setInterval(look, 20);
  return watched;
};

/** Everything that was ever sent comes once more, late, and is handled; false when something never is. */
const repeatEverything = async (stage: Stage, submission: object): Promise<boolean> => {
  if (!(await fallsQuiet(stage))) return false;
  const again = Promise.all([stage.deliveries.bringAllAgain(), stage.submit(submission)]);
  const isHandled = await Promise.race([again.then(() => true), pause(patienceMs, false, { ref: false })]);
  return isHandled && fallsQuiet(stage);
};

const fallsQuiet = async (stage: Stage): Promise<boolean> => {
  const endsAt = performance.now() + quietPatienceMs;
  let quietSince = performance.now();
  while (performance.now() - quietSince < quietMs) {
    if (performance.now() > endsAt) return false;
    await pause(20);
    if (stage.deliveries.inFlight() > 0) quietSince = performance.now();
  }
  return true;
};

const faultsOfEnd = ({ ends }: Scenario, ended: string): string[] => {
  if (ended === 'timeout') return [`not over after ${patienceMs / 1_000} s`];
  return ends.includes(ended) ? [] : [`the task is ${ended} instead of ${ends.join(' or ')}`];
};

const violations = async (stage: Stage, org: string, neighbours: readonly string[]): Promise<string[]> => {
  const providerRequests = await stage.requests();
  const { database } = stage;
  const orgs = [org];
  const found = await checkInvariants({ database, orgs, neighbours, providerRequests, clocksAreTrue: true });
  return found.map(({ invariant, task, assignment, detail }) =>
    [invariant, task, assignment, detail].filter((part) => part !== undefined).join(' '),
  );
};
