// The suite on which a scenario is played again and again: one functions process, the observer in it, and the deliveries in hand.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { PubSub } from '@google-cloud/pubsub';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getFirestore, type DocumentReference, type Firestore } from 'firebase-admin/firestore';
import { startSuite } from '../../local/src/suite.ts';
import type { ProviderRequest } from '../check/index.ts';
import { compileCache } from '../compiled.ts';
import { makeAsk, type Ask } from './callers.ts';
import { directoryVariable } from './control.ts';
import { makeDeliveries, type Deliveries } from './deliveries.ts';

export interface StagedTask {
  readonly org: string;
  readonly id: string;
}

export interface Stage {
  readonly directory: string;
  readonly database: Firestore;
  readonly deliveries: Deliveries;
  readonly pubsub: PubSub;
  /** Ends the functions process and waits for the next: every run begins in a process that has done nothing. */
  renew(): Promise<void>;
  /** Sends a message to the topic of submissions. */
  submit(message: object): Promise<void>;
  /** The org's only task, or the only one besides that one, once it is there. */
  taskOf(org: string, but?: { readonly besides: string }): Promise<StagedTask>;
  stateOf(task: StagedTask): Promise<{ readonly state: string; readonly over: boolean }>;
  /** Resolves when the assignment is in that state, or its task is over. */
  reached(task: StagedTask, assignment: string, state: string): Promise<void>;
  readonly ask: Ask;
  sweep(): Promise<void>;
  requests(): Promise<ProviderRequest[]>;
  forgetRequests(): Promise<void>;
  stop(): Promise<void>;
}

const anyPorts = { functions: 0, firestore: 0, pubsub: 0, auth: 0, llm: 0 };
const pollMs = 50;

/** A lease that is short for tests; long enough that a busy process does not lose it. */
const leaseMs = '1500';
/** A message that a dead process holds comes again until its lease is over, so attempts must not run out. */
const maxAttempts = 10_000;
const backoff = { minMs: 50, maxMs: 400 };

const terminal: ReadonlySet<unknown> = new Set(['completed', 'failed', 'canceled', 'rejected']);

export const startStage = async (log: (line: string) => void): Promise<Stage> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'crash-sweep-'));
  const deliveries = makeDeliveries();
  const suite = await startSuite({
    ports: anyPorts,
    instances: 1,
    imports: [pathToFileURL(path.join(import.meta.dirname, 'observer.ts')).href],
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...compileCache },
    params: { [directoryVariable]: directory, LEASE_MS: leaseMs, WEBHOOK_ALLOW_PRIVATE: 'true' },
    deliveryHooks: deliveries.hooks,
    maxAttempts,
    backoff,
    log,
  });
  Object.assign(process.env, suite.env, { METADATA_SERVER_DETECTION: 'none' });
  const app = initializeApp({ projectId: suite.project }, directory);
  const database = getFirestore(app);
  const pubsub = new PubSub({
    projectId: suite.project,
    apiEndpoint: new URL(suite.urls.pubsub).host,
    emulatorMode: true,
  });
  const reference = ({ org, id }: StagedTask) => database.collection('orgs').doc(org).collection('tasks').doc(id);
  const stateOf = (task: StagedTask) => readState(reference(task));

  return {
    directory,
    database,
    deliveries,
    pubsub,
    renew: async () => {
      const [instance] = suite.instances();
      if (instance) await suite.kill(instance.pid);
      await suite.ready();
    },
    submit: async (message) => {
      await pubsub.topic('coordination-tasks').publishMessage({ json: message });
    },
    taskOf: (org, but) =>
      until(async () => {
        const { docs } = await database.collection('orgs').doc(org).collection('tasks').limit(2).get();
        const found = docs.find(({ id }) => id !== but?.besides);
        return found && { org, id: found.id };
      }),
    stateOf,
    reached: async (task, assignment, state) => {
      await until(async () => {
        const snapshot = await reference(task).collection('assignments').doc(assignment).get();
        if (snapshot.get('state') === state || (await stateOf(task)).over) return true;
        return undefined;
      });
    },
    ask: makeAsk(suite),
    sweep: async () => {
      await fetch(`${suite.urls.host}/schedules/sweepTasks`, { method: 'POST' });
    },
    requests: async () => {
      const answer = (await (await fetch(`${suite.urls.llm ?? ''}/requests`)).json()) as {
        requests: ProviderRequest[];
      };
      return answer.requests;
    },
    forgetRequests: async () => {
      await fetch(`${suite.urls.llm ?? ''}/requests`, { method: 'DELETE' });
    },
    stop: async () => {
      await pubsub.close();
      await deleteApp(app);
      await suite.stop();
      await rm(directory, { recursive: true });
    },
  };
};

/** Polls until `check` gives something. */
export const until = async <T>(check: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    await pause(pollMs);
  }
};

const readState = async (reference: DocumentReference) => {
  const snapshot = await reference.get();
  const state: unknown = snapshot.get('state');
  return { state: String(state), over: terminal.has(state) && snapshot.get('wakeAt') === null };
};
