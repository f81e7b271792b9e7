// Where a soak plays: the suite with the faults built in, and the clients that the soak needs of it.
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getFirestore, type Firestore } from 'firebase-admin/firestore';
import type { DeliveryHooks } from '../../local/src/functions/dispatcher.ts';
import { startSuite, type Suite } from '../../local/src/suite.ts';
import { compileCache } from '../compiled.ts';
import { faultKinds, type FaultCounts } from './fault-plan.ts';
import { signInTo } from './sign-in.ts';
import type { Door } from './submit.ts';
import { orgs } from './task-plan.ts';

export interface StageOptions {
  readonly seed: number;
  readonly instances: number;
  /** A run is taken for dead after so long without a sign of its process; the engine's parameter. */
  readonly leaseMs: number;
  /** A built codebase to run instead of this repository's. */
  readonly functionsDirectory?: string | undefined;
}

export interface Stage {
  readonly suite: Suite;
  readonly database: Firestore;
  readonly door: Door;
  /** What the hook in the processes of the functions has counted (hook.ts). */
  readonly hits: () => Promise<FaultCounts>;
  stop(): Promise<void>;
}

const anyPorts = { functions: 0, firestore: 0, pubsub: 0, auth: 0, llm: 0 };

/** Starts everything; rejects when a part does not start. */
export const openStage = async (
  options: StageOptions,
  { hooks, log }: { readonly hooks: DeliveryHooks; readonly log: (line: string) => void },
): Promise<Stage> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'soak-'));
  await mkdir(path.join(directory, 'starts'));
  const suite = await startSuite({
    ports: anyPorts,
    seed: false,
    instances: options.instances,
    imports: [path.join(import.meta.dirname, 'hook.ts')],
    deliveryHooks: hooks,
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...compileCache },
    params: {
      SOAK_DIRECTORY: directory,
      SOAK_SEED: String(options.seed),
      LEASE_MS: String(options.leaseMs),
      MODEL_FIRST_EVENT_SECONDS: '4',
      MODEL_TIMEOUT_SECONDS: '4',
      REQUESTS_PER_MINUTE: '1000000',
    },
    // Pub/Sub repeats for a day in production; here until long after a lease has run out.
    maxAttempts: 1_000,
    backoff: { minMs: 50, maxMs: 1_000 },
    log,
    ...(options.functionsDirectory !== undefined && { functionsDirectory: options.functionsDirectory }),
  });
  return { suite, ...(await connect(suite, directory)) };
};

const connect = async (suite: Suite, directory: string): Promise<Omit<Stage, 'suite'>> => {
  // Where the SDKs look for the emulators.
  Object.assign(process.env, suite.env, { METADATA_SERVER_DETECTION: 'none' });
  const app = initializeApp({ projectId: suite.project }, `soak-${randomUUID()}`);
  const database = getFirestore(app);
  const apiEndpoint = new URL(suite.urls.pubsub).host;
  const pubsub = new PubSub({ projectId: suite.project, apiEndpoint, emulatorMode: true });
  return {
    database,
    door: { api: suite.urls.api, pubsub, tokenOf: await signInTo(app, orgs) },
    hits: async () => hitsIn(path.join(directory, 'hits')),
    stop: async () => {
      await pubsub.close();
      await database.terminate();
      await deleteApp(app);
      await suite.stop();
      await rm(directory, { recursive: true });
    },
  };
};

/** A line of the file is a hit. */
const hitsIn = async (file: string): Promise<FaultCounts> => {
  const lines = Map.groupBy((await readFile(file, 'utf8').catch(() => '')).split('\n'), (line) => line);
  return Object.fromEntries(
    faultKinds.flatMap((kind) => {
      const hits = lines.get(kind)?.length;
      return hits === undefined ? [] : [[kind, hits]];
    }),
  );
};
