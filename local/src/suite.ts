// The local suite as a library: `startSuite` starts what the service needs on this machine and says where everything is.
// `npm start`, the tests, the demo and the benchmarks all start from here.
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Role } from '../../functions/src/platform/schemas.ts';
import { startAuth } from './auth/index.ts';
import type { Emulator } from './emulators/index.ts';
import { PortBusyError, SuiteError } from './errors.ts';
import type { DeliveryHooks } from './functions/dispatcher.ts';
import { openHost, type FunctionsHost, type HostedInstance } from './functions/host.ts';
import type { ModelSource } from './llm-environment.ts';
import {
  addressOf,
  atPort,
  buildFunctions,
  ownFunctions,
  repository,
  startFirestore,
  startModels,
  startPubsub,
} from './parts.ts';
import { choosePorts, type Part } from './ports.ts';
import { makeRunning, type Running } from './running.ts';
import { noSeedData, readSeedData } from './seed-data.ts';
import { roleTokens } from './tokens.ts';
import { watchSources } from './watch.ts';

/** TCP ports by part. A port named here must be free; an unnamed one is the part's default or the next free one. 0: any. */
export type SuitePorts = Readonly<Partial<Record<Part, number>>>;

export interface SuiteOptions {
  /** Google Cloud project id; default `demo-backend-coordinator`. */
  readonly project?: string;
  /** Address that everything listens on; default 127.0.0.1. */
  readonly host?: string;
  readonly ports?: SuitePorts;
  /** A built codebase to run instead of this repository's, which is built first. */
  readonly functionsDirectory?: string;
  /** Processes that run the functions; default 2. With `isolate`, processes of each function; default 1. */
  readonly instances?: number;
  /** Gives each function processes of its own, served by the functions-framework CLI as in production. */
  readonly isolate?: boolean;
  /** Rebuilds and restarts the functions when their sources change. */
  readonly watch?: boolean;
  /** Loads emulator-data into Firestore and auth; default true. */
  readonly seed?: boolean;
  /** Failed attempts after which an event of a function with `retry` is dead-lettered; default 8. */
  readonly maxAttempts?: number;
  /** Pause before a failed event is delivered again: doubles from `minMs` to `maxMs`; default 100 and 10,000. */
  readonly backoff?: { readonly minMs: number; readonly maxMs: number };
  /** Modules that every functions instance imports before the functions (paths or file URLs). */
  readonly imports?: readonly string[];
  /** Lets a test delay, repeat and observe the deliveries of events. */
  readonly deliveryHooks?: DeliveryHooks;
  /** Params and secrets of the functions; they win over the environment and over the suite's own. */
  readonly params?: Readonly<Record<string, string>>;
  /**
   * What kind of model the stand-in is: `calm`, `natural`, or JSON with the options of a character. Default: STAND_IN_CHARACTER of the
   * environment, else calm.
   */
  readonly character?: string;
  /** Where the standard variables (FIRESTORE_EMULATOR_HOST, ANTHROPIC_API_KEY, …) are read; default process.env. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Receives progress and the functions' output, a line at a time; default: standard error. */
  readonly log?: (line: string) => void;
}

/** One process that runs functions. */
export type SuiteInstance = HostedInstance;

export interface SuiteUrls {
  /** Base of the HTTPS functions: `<functions>/<name>/<path>`, e.g. http://127.0.0.1:5001/<project>/us-central1 */
  readonly functions: string;
  /** Root of the functions host: schedules are fired by hand with `POST <host>/schedules/<name>`. */
  readonly host: string;
  /** Base of the public API: `<api>/v1/tasks`. */
  readonly api: string;
  readonly firestore: string;
  readonly pubsub: string;
  readonly auth: string;
  /** Absent when real providers (or servers named by the environment) answer. */
  readonly llm?: string;
}

export interface Suite {
  readonly project: string;
  /** The org that the tokens belong to. */
  readonly org: string;
  readonly urls: SuiteUrls;
  /** Variables for a client process: GCLOUD_PROJECT, FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST, … */
  readonly env: Readonly<Record<string, string>>;
  /** An ID token for each role in the org. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** `local stand-in`, or the names of the providers that answer. */
  readonly answersFrom: string;
  /** Processes of the suite at this moment; an emulator that was not started here has no pid. */
  readonly pids: () => {
    readonly firestore?: number;
    readonly pubsub?: number;
    readonly instances: readonly SuiteInstance[];
  };
  /** Live instances at this moment. */
  instances(): readonly SuiteInstance[];
  /** Kills a process with SIGKILL and resolves when it is gone; a killed instance is started again. */
  kill(pid: number): Promise<void>;
  /** Resolves when `count` instances (default: all) are ready to serve. */
  ready(count?: number): Promise<void>;
  /** Stops everything that was started; resolves when all processes are gone. */
  stop(): Promise<void>;
}

const seedDirectory = path.join(repository, 'emulator-data');
const org = 'demo';

// Two suites that start at the same moment may choose the same free port; the loser starts again with others.
const portAttempts = 3;

/** Starts the suite; rejects with a SuiteError, everything stopped again, when a part cannot start. */
export const startSuite = async (options: SuiteOptions = {}): Promise<Suite> => {
  for (let attempt = 1; ; attempt++) {
    const running = makeRunning();
    try {
      return await startParts(withDefaults(options), running);
    } catch (error) {
      await running.stopAll();
      if (!(error instanceof PortBusyError) || attempt === portAttempts) throw error;
    }
  }
};

const withDefaults = (options: SuiteOptions) => ({
  project: 'demo-backend-coordinator',
  host: '127.0.0.1',
  ports: {},
  instances: options.isolate ? 1 : 2,
  isolate: false,
  watch: false,
  seed: true,
  maxAttempts: 8,
  backoff: { minMs: 100, maxMs: 10_000 },
  imports: [],
  log: (line: string) => void process.stderr.write(`${line}\n`),
  ...options,
  functionsDirectory: path.resolve(options.functionsDirectory ?? ownFunctions),
  params: options.params ?? {},
  environment: { ...(options.environment ?? process.env), ...options.params },
});
type Options = ReturnType<typeof withDefaults>;

/** Everything at the same time; only what needs another part's answer waits for it. */
const startParts = async (options: Options, running: Running): Promise<Suite> => {
  const context = { ...options, running };
  const ports = await choosePorts(options.host, options.ports);
  const firestore = addressOf('FIRESTORE_EMULATOR_HOST', context, ports.firestore);
  const pubsub = addressOf('PUBSUB_EMULATOR_HOST', context, ports.pubsub);
  const env = {
    GCLOUD_PROJECT: options.project,
    GOOGLE_CLOUD_PROJECT: options.project,
    FIRESTORE_EMULATOR_HOST: atPort(firestore),
    PUBSUB_EMULATOR_HOST: atPort(pubsub),
    FIREBASE_AUTH_EMULATOR_HOST: `${options.host}:${ports.auth}`,
  };
  const { accounts, firestoreExport } = options.seed ? await readSeedData(seedDirectory) : noSeedData;
  const host = await running.add(openHost(hostOptions(options, ports.functions)), async (part) => part.stop());
  const functionsHost = `${options.host}:${host.port}`;
  const build = options.functionsDirectory === ownFunctions ? buildFunctions() : undefined;
  const models = startModels(context, ports.llm);
  const load = async () => {
    const [{ variables }] = await Promise.all([models, build]);
    await host.load({ inherited: options.environment, given: { ...variables, ...env, ...options.params } });
  };

  const [emulators, auth] = await Promise.all([
    Promise.all([
      firestore.ours ? startFirestore(context, { ...firestore, functionsHost, firestoreExport }) : undefined,
      pubsub.ours ? startPubsub(context, pubsub) : undefined,
    ]),
    running.add(
      startAuth({ host: options.host, port: ports.auth, projectId: options.project, accounts }),
      async (part) => part.stop(),
    ),
    load(),
  ]);
  await host.connect({
    firestore: env.FIRESTORE_EMULATOR_HOST,
    pubsub: env.PUBSUB_EMULATOR_HOST,
    foreignFirestore: !firestore.ours,
  });
  if (options.watch) watchFunctions(context, host);
  const tokens = roleTokens(auth, accounts, org);
  return suiteOf(context, { host, emulators, env, tokens, models: await models });
};

const hostOptions = (options: Options, port: number) => ({
  ...options,
  port,
  directory: options.functionsDirectory,
  retryPolicy: {
    maxAttempts: options.maxAttempts,
    minBackoffMs: options.backoff.minMs,
    maxBackoffMs: options.backoff.maxMs,
  },
});

const watchFunctions = ({ running, log }: Options & { running: Running }, host: FunctionsHost) => {
  const reload = async () => {
    try {
      await buildFunctions();
      await host.reload();
      log('The functions were built and started anew.');
    } catch (error) {
      log(`The functions stay as they were. ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const stop = watchSources(path.join(ownFunctions, 'src'), reload);
  void running.add(Promise.resolve(stop), async (close) => Promise.resolve(close()));
};

interface Started {
  readonly host: FunctionsHost;
  readonly emulators: readonly [firestore: Emulator | undefined, pubsub: Emulator | undefined];
  readonly env: Suite['env'] & Readonly<Record<'FIRESTORE_EMULATOR_HOST' | 'PUBSUB_EMULATOR_HOST', string>>;
  readonly tokens: Suite['tokens'];
  readonly models: ModelSource & { readonly url?: string };
}

const suiteOf = (options: Options & { running: Running }, { host, emulators, env, tokens, models }: Started): Suite => {
  const [firestore, pubsub] = emulators;
  const { project, running } = options;
  const hostUrl = `http://${options.host}:${host.port}`;
  const functionsUrl = `${hostUrl}/${project}/${regionOf(host)}`;
  const pids = () => ({
    ...(firestore ? { firestore: firestore.pid } : {}),
    ...(pubsub ? { pubsub: pubsub.pid } : {}),
    instances: host.instances(),
  });
  return {
    project,
    org,
    urls: {
      functions: functionsUrl,
      host: hostUrl,
      api: `${functionsUrl}/api`,
      firestore: `http://${env.FIRESTORE_EMULATOR_HOST}`,
      pubsub: `http://${env.PUBSUB_EMULATOR_HOST}`,
      auth: `http://${env['FIREBASE_AUTH_EMULATOR_HOST'] ?? ''}`,
      ...(models.url === undefined ? {} : { llm: models.url }),
    },
    env,
    tokens,
    answersFrom: models.answersFrom,
    pids,
    instances: () => host.instances(),
    kill: async (pid) => {
      const { instances, ...others } = pids();
      if (![...Object.values(others), ...instances.map((instance) => instance.pid)].includes(pid))
        throw new SuiteError(`Process ${pid} is not of this suite.`, 'See pids().');
      process.kill(pid, 'SIGKILL');
      while (isAlive(pid) || host.instances().some((instance) => instance.pid === pid)) await pause(5);
    },
    ready: async (count) => host.whenLive(count),
    stop: async () => running.stopAll(),
  };
};

const regionOf = (host: FunctionsHost) =>
  host.functions().find(({ trigger }) => trigger.kind === 'https')?.region ?? 'us-central1';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
