// Five parallel assignments and a join: what the engine adds to the models' time, and what it reads and writes.
import { PubSub } from '@google-cloud/pubsub';
import { initializeApp } from 'firebase-admin/app';
import { getFirestore, type Firestore } from 'firebase-admin/firestore';
import type { Suite } from '../local/src/suite.ts';
import { percentile, rounded, type BenchOptions, type Figures } from './figures.ts';
import { perUnit, startMeteredSuite } from './metered-suite.ts';

const width = 5;
const warmUpTasks = 10;
const inFlight = 8;

const plan = [
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

export const benchCoordination = async ({ tasks }: BenchOptions): Promise<Figures[]> => {
  const metered = await startMeteredSuite();
  const { suite } = metered;
  Object.assign(process.env, suite.env, { METADATA_SERVER_DETECTION: 'none' });
  const app = initializeApp({ projectId: suite.project }, 'bench');
  const database = getFirestore(app);
  const pubsub = new PubSub({
    projectId: suite.project,
    apiEndpoint: new URL(suite.urls.pubsub).host,
    emulatorMode: true,
  });
  try {
    const completions = watchCompletions(database, suite);
    const run = (count: number) => runTasks(pubsub, suite, completions, count);
    await run(warmUpTasks);
    const before = await metered.read();
    const startedAt = performance.now();
    const latencies = await run(tasks);
    const seconds = (performance.now() - startedAt) / 1_000;
    const spent = perUnit(before, await metered.read(), tasks);
    completions.stop();
    return [
      {
        bench: 'coordination',
        shape: `${width} parallel assignments and a join`,
        tasks,
        inFlight,
        tasksPerSecond: rounded(tasks / seconds),
        p50Ms: rounded(percentile(latencies, 0.5)),
        p95Ms: rounded(percentile(latencies, 0.95)),
        cpuMsPerTask: rounded(spent.cpuMs),
        commitsPerTask: rounded(spent.counts['firestore.commit'] ?? 0),
        documentReadsPerTask: rounded((spent.counts['firestore.read'] ?? 0) + (spent.counts['firestore.listen'] ?? 0)),
        messagesPerTask: rounded(spent.counts['pubsub.publish'] ?? 0),
        modelCallsPerTask: rounded(spent.counts['llm.call'] ?? 0),
        budget: { cpuMsPerTask: 25, commitsPerTask: 16, documentReadsPerTask: 16 },
      },
    ];
  } finally {
    await pubsub.close();
    await database.terminate();
    await metered.stop();
  }
};

interface Completions {
  of(title: string): Promise<void>;
  stop(): void;
}

/** Sees completed tasks from outside, so that watching costs the functions nothing. */
const watchCompletions = (database: Firestore, { org }: Suite): Completions => {
  const waiting = new Map<string, () => void>();
  const done = database.collection('orgs').doc(org).collection('tasks').where('state', '==', 'completed');
  const stop = done.onSnapshot((snapshot) => {
    for (const { doc } of snapshot.docChanges()) waiting.get(String(doc.get('submission.title')))?.();
  });
  return { of: (title) => new Promise((resolve) => void waiting.set(title, resolve)), stop };
};

let nextTask = 0;

/** Submits by Pub/Sub, so many at a time; resolves with each task's milliseconds from the message to its completion. */
const runTasks = async (pubsub: PubSub, { org }: Suite, completions: Completions, count: number): Promise<number[]> => {
  const topic = pubsub.topic('coordination-tasks', { batching: { maxMilliseconds: 1 } });
  const latencies: number[] = [];
  const worker = async (): Promise<void> => {
    while (latencies.length + busy < count) {
      busy++;
      const title = `Bench ${nextTask++}`;
      const completed = completions.of(title);
      const startedAt = performance.now();
      await topic.publishMessage({ json: { org, title, category: 'performance', plan } });
      await completed;
      latencies.push(performance.now() - startedAt);
      busy--;
    }
  };
  let busy = 0;
  await Promise.all(Array.from({ length: inFlight }, worker));
  return latencies;
};
