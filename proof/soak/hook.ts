// Imported by every process of the functions before them: shifts its clock, loses answers of the database and of Pub/Sub, and stops
// the process at the worst moment. What it does is written down at once in a file, so that kill -9 loses no count.
import { appendFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { CrossingKind, CrossingObserver } from '../../functions/src/platform/crossings.ts';
import { keepCompiled } from '../compiled.ts';
import { processFaults, type FaultKind, type ProcessFaults } from './fault-plan.ts';
import { stopWithAnswer } from './signals.ts';

/** Takes the next free number among the processes that share the folder. */
const takeNumber = (folder: string): number => {
  for (let number = readdirSync(folder).length; ; number++) {
    try {
      mkdirSync(path.join(folder, String(number)));
      return number;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
};

const shiftClock = (byMs: number): void => {
  const now = () => Reflect.apply(realNow, Date, []) + byMs;
  const realNow = Date.now.bind(Date);
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
    apply: (target) => Reflect.construct(target, [now()]).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  });
};

const stopIfTold = (): (() => void) => {
  let told = false;
  process.on(stopWithAnswer, () => {
    told = true;
  });
  return () => {
    if (told) process.kill(process.pid, 'SIGSTOP');
    told = false;
  };
};

/** As gRPC says it. */
const unavailable = (message: string) => Object.assign(new Error(message), { code: 14 });

const faultyCrossings = (faults: ProcessFaults, count: (kind: FaultKind) => void): CrossingObserver => {
  const { random, skewMs } = faults;
  let skewSeen = skewMs === 0;
  const play = (chance: number, kind: FaultKind) => {
    if (random() >= chance) return;
    count(kind);
    throw unavailable(`${kind} (a fault of the soak)`);
  };
  const before: Partial<Record<CrossingKind, () => void>> = {
    'firestore.commit': () => play(faults.commitNotMade, 'commit-not-made'),
    'firestore.read': () => play(faults.readFailed, 'read-failed'),
  };
  const after: Partial<Record<CrossingKind, () => void>> = {
    'firestore.commit': () => {
      if (!skewSeen) count('clock-skewed');
      skewSeen = true;
      play(faults.commitReplyLost, 'commit-reply-lost');
    },
    'pubsub.publish': () => play(faults.publishReplyLost, 'publish-reply-lost'),
    'llm.call': stopIfTold(),
  };
  return { before: (kind) => before[kind]?.(), after: (kind) => after[kind]?.() };
};

keepCompiled(5_000);

const directory = process.env['SOAK_DIRECTORY'];
if (directory !== undefined) {
  const faults = processFaults(Number(process.env['SOAK_SEED']), takeNumber(path.join(directory, 'starts')));
  if (faults.skewMs !== 0) shiftClock(faults.skewMs);
  const count = (kind: FaultKind) => appendFileSync(path.join(directory, 'hits'), `${kind}\n`);
  const observer = faultyCrossings(faults, count);
  (globalThis as Record<symbol, unknown>)[Symbol.for('backend-coordinator.crossings')] = observer;
}
