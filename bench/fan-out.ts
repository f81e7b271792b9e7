// Tasks of parallel assignments and a join, or of the template, run through a metered suite: what several benches measure.
import { setTimeout as pause } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { initializeApp } from 'firebase-admin/app';
import { getFirestore, type Firestore } from 'firebase-admin/firestore';
import type { DeliveryHooks } from '../local/src/functions/dispatcher.ts';
import type { Suite } from '../local/src/suite.ts';
import { percentile, rounded } from './figures.ts';
import { perUnit, startMeteredSuite } from './metered-suite.ts';

/** `width` assignments side by side, and one that waits for all of them. */
export const fanOut = (width: number) => [
  ...Array.from({ length: width }, (_, index) => ({
    id: `part-${index}`,
    specialist: 'nodejs-expert',
    title: `Part ${index}`,
    artifactKind: 'markdown',
  })),
  {
    id: 'join',
    specialist: 'cloud-architect',
    title: 'Join the parts',
    artifactKind: 'deployment-plan',
    dependsOn: Array.from({ length: width }, (_, index) => `part-${index}`),
  },
];

export interface Load {
  readonly tasks: number;
  /** Assignments side by side. Left out: the task is planned by the template. */
  readonly width?: number;
  /** Tasks under way at a time. */
  readonly inFlight: number;
  /** Another org than the suite's. */
  readonly org?: string;
  readonly priority?: string;
}

export interface Measured {
  readonly tasksPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly cpuMsPerTask: number;
  readonly commitsPerTask: number;
  readonly documentReadsPerTask: number;
  readonly messagesPerTask: number;
  readonly modelCallsPerTask: number;
}

export interface FanOutBench {
  readonly suite: Suite;
  readonly database: Firestore;
  measure(load: Load): Promise<Measured>;
  /** Milliseconds of each task, from the message to its completion. */
  run(load: Load): Promise<number[]>;
  stop(): Promise<void>;
}

export const startFanOutBench = async (deliveryHooks: DeliveryHooks = {}): Promise<FanOutBench> => {
  const metered = await startMeteredSuite({}, deliveryHooks);
  const { suite } = metered;
  Object.assign(process.env, suite.env, { METADATA_SERVER_DETECTION: 'none' });
  const database = getFirestore(initializeApp({ projectId: suite.project }, `bench-${suite.urls.firestore}`));
  const pubsub = new PubSub({
    projectId: suite.project,
    apiEndpoint: new URL(suite.urls.pubsub).host,
    emulatorMode: true,
  });
  const completions = watchCompletions(database);
  const run = (load: Load) => runTasks(pubsub, completions, { org: suite.org, priority: 'medium', ...load });
  return {
    suite,
    database,
    run,
    measure: async (load) => {
      const before = await metered.read();
      const startedAt = performance.now();
      const latencies = await run(load);
      const seconds = (performance.now() - startedAt) / 1_000;
      const { counts, cpuMs } = perUnit(before, await metered.read(), load.tasks);
      return {
        tasksPerSecond: rounded(load.tasks / seconds),
        p50Ms: rounded(percentile(latencies, 0.5)),
        p95Ms: rounded(percentile(latencies, 0.95)),
        cpuMsPerTask: rounded(cpuMs),
        commitsPerTask: rounded(counts['firestore.commit'] ?? 0),
        documentReadsPerTask: rounded((counts['firestore.read'] ?? 0) + (counts['firestore.listen'] ?? 0)),
        messagesPerTask: rounded(counts['pubsub.publish'] ?? 0),
        modelCallsPerTask: rounded(counts['llm.call'] ?? 0),
      };
    },
    stop: async () => {
      completions.stop();
      await pubsub.close();
      await database.terminate();
      await metered.stop();
    },
  };
};

interface Completions {
  of(title: string): Promise<void>;
  stop(): void;
}

/** Sees completed tasks of all orgs from outside, so that watching costs the functions nothing. */
const watchCompletions = (database: Firestore): Completions => {
  const waiting = new Map<string, () => void>();
  const done = database.collectionGroup('tasks').where('state', '==', 'completed').where('createdAt', '>', new Date());
  const stop = done.onSnapshot((snapshot) => {
    for (const { doc } of snapshot.docChanges()) waiting.get(String(doc.get('submission.title')))?.();
  });
  return { of: (title) => new Promise((resolve) => void waiting.set(title, resolve)), stop };
};

const workOf = ({ width }: Load) =>
  width === undefined ? { category: 'api-design' } : { category: 'performance', plan: fanOut(width) };

/** A task that takes longer was refused, or is stuck. */
const patienceMs = 600_000;

let nextTask = 0;

const givenUp = async (title: string): Promise<never> => {
  await pause(patienceMs, undefined, { ref: false });
  throw new Error(`"${title}" was not completed within ${patienceMs / 1_000} s.`);
};

/** Submits by Pub/Sub, so many at a time. */
const runTasks = async (
  pubsub: PubSub,
  completions: Completions,
  load: Load & Required<Pick<Load, 'org' | 'priority'>>,
): Promise<number[]> => {
  const { tasks, inFlight, org, priority } = load;
  const topic = pubsub.topic('coordination-tasks', { batching: { maxMilliseconds: 1 } });
  const work = workOf(load);
  const latencies: number[] = [];
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < tasks) {
      begun++;
      const title = `Bench ${nextTask++}`;
      const completed = completions.of(title);
      const startedAt = performance.now();
      await topic.publishMessage({ json: { org, title, priority, ...work } });
      await Promise.race([completed, givenUp(title)]);
      latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return latencies;
};
