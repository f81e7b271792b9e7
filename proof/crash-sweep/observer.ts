// Loaded into every functions process before the functions: writes down what crosses `platform/`, and kills its own process with
// SIGKILL at the point that the sweep has named. Nothing runs after that, no handler, no buffer is flushed.
import type { CrossingObserver } from '../../functions/src/platform/crossings.ts';
import { keepCompiled } from '../compiled.ts';
import {
  appendCrossed,
  directoryVariable,
  readJournal,
  readSchedule,
  type Crossed,
  type Point,
  type Schedule,
} from './control.ts';

/** Frames that every crossing passes through: they say nothing about where it comes from. */
const plumbing = new Set([
  'record',
  'before',
  'after',
  'Object.before',
  'Object.after',
  'cross',
  'translated',
  'attempt',
  'process.processTicksAndRejections',
]);
const framesInSite = 3;

/** Their timing follows the clock and not the work, so they would shift the count of the others. */
const clockDriven = 'beat';

const siteOf = (stack: string): string[] =>
  stack
    .split('\n')
    .map((line) => /^\s+at (?:async )?(?:new )?([\w$.#<>]+) \(/.exec(line)?.[1])
    .filter((name) => name !== undefined)
    .filter((name) => !plumbing.has(name));

const makeObserver = (directory: string): CrossingObserver => {
  let run: string | undefined;
  let killsBefore = 0;
  const seen = new Map<string, number>();

  const enter = (schedule: Schedule) => {
    if (run === schedule.run) return;
    run = schedule.run;
    killsBefore = readJournal(directory, run).filter(({ killed }) => killed).length;
    seen.clear();
  };

  const record = (kind: string, when: Point['when']) => {
    const schedule = readSchedule(directory);
    if (!schedule) return;
    enter(schedule);
    const site = siteOf(new Error().stack ?? '');
    if (site.includes(clockDriven)) return;
    const occurrence = (seen.get(`${when} ${kind}`) ?? 0) + 1;
    seen.set(`${when} ${kind}`, occurrence);
    const wanted = schedule.points[killsBefore];
    const killed = wanted?.kind === kind && wanted.when === when && wanted.occurrence === occurrence;
    const entry: Crossed = {
      run: schedule.run,
      pid: process.pid,
      kind,
      when,
      occurrence,
      site: site.slice(0, framesInSite).join(' < '),
      killed,
    };
    appendCrossed(directory, entry);
    if (killed) process.kill(process.pid, 'SIGKILL');
  };
  return { before: (kind) => record(kind, 'before'), after: (kind) => record(kind, 'after') };
};

const directory = process.env[directoryVariable];
if (directory !== undefined) {
  keepCompiled(1_500);
  Error.stackTraceLimit = 30;
  (globalThis as Record<symbol, unknown>)[Symbol.for('backend-coordinator.crossings')] = makeObserver(directory);
}
