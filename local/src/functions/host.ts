// The functions host: serves the functions of a codebase over HTTP, takes events to them, and keeps their instances alive.
// It opens its port first, as the Firestore emulator must be told where events go; then `load` starts the instances, and
// `connect` the events. Nothing of the codebase is loaded in this process.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { PortBusyError } from '../errors.ts';
import type { RetryPolicy } from './delivery.ts';
import { discover } from './discover.ts';
import { makeDispatcher, type DeliveryHooks } from './dispatcher.ts';
import { instanceEnvironment } from './environment.ts';
import { startEvents, type EventServers, type Events } from './events.ts';
import { isolatedLaunch, sharedLaunch, type Launch } from './instance.ts';
import type { Codebase, FunctionSpec } from './manifest.ts';
import { startPool, type Pool } from './pool.ts';
import { makeRouter } from './router.ts';

export interface HostOptions {
  readonly project: string;
  readonly host: string;
  readonly port: number;
  /** Directory whose package.json names the built module as `main`. */
  readonly directory: string;
  /** Instances of the codebase, or of each function with `isolate`. */
  readonly instances: number;
  readonly isolate: boolean;
  /** For events of functions with `retry`. */
  readonly retryPolicy: RetryPolicy;
  /** Modules that every instance imports before the functions. */
  readonly imports: readonly string[];
  readonly deliveryHooks?: DeliveryHooks;
  readonly log: (line: string) => void;
}

export interface InstanceEnvironment {
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly given: Readonly<Record<string, string>>;
}

export interface HostedInstance {
  readonly pid: number;
  readonly functions: readonly string[];
  /** Events and requests that it handles at this moment. */
  readonly inFlight: number;
}

export interface FunctionsHost {
  readonly port: number;
  /** What is served, once loaded. */
  functions(): readonly FunctionSpec[];
  /** Live instances. */
  instances(): readonly HostedInstance[];
  /** Resolves when all instances (or `perPool` of each pool) are ready. */
  whenLive(perPool?: number): Promise<void>;
  /** Starts the instances. Rejects with SuiteError when the codebase or an instance cannot be loaded. */
  load(environment: InstanceEnvironment): Promise<void>;
  /** Begins to take events from these servers. */
  connect(servers: EventServers): Promise<void>;
  /** Loads the codebase anew without losing a request: new instances first, then the old ones finish and end. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** What is loaded of the codebase at one moment. */
interface Loaded {
  readonly codebase: Codebase;
  readonly pools: readonly Pool[];
  readonly byFunction: ReadonlyMap<string, Pool>;
}

const nothing: Loaded = { codebase: { functions: [], params: {}, missing: [] }, pools: [], byFunction: new Map() };

/** Opens the host's port. Rejects with PortBusyError. */
export const openHost = async (options: HostOptions): Promise<FunctionsHost> => {
  const { project, log, retryPolicy } = options;
  const stopping = new AbortController();
  let loaded = nothing;
  let revision = 0;
  let environment: InstanceEnvironment = { inherited: {}, given: {} };
  let servers: EventServers | undefined;
  let events: Events | undefined;
  let loading: Promise<unknown> = Promise.resolve();

  const poolOf = (name: string) => loaded.byFunction.get(name);
  const dispatcher = makeDispatcher({ poolOf, log, signal: stopping.signal, hooks: options.deliveryHooks });
  const server = createServer(
    { requestTimeout: 0 },
    makeRouter({ project, functions: () => loaded.codebase.functions, poolOf, events: () => events }),
  );

  const loadNext = async () => {
    const next = startNext();
    loading = next.catch(() => undefined);
    return next;
  };
  const startNext = async (): Promise<Loaded> => {
    revision += 1;
    const base = instanceEnvironment({ project, revision, ...environment });
    const codebase = await discover({ directory: options.directory, environment: base, signal: stopping.signal });
    const launches = launchesOf(codebase, options, { ...codebase.params, ...base });
    const pools = await startAll(launches, options);
    if (stopping.signal.aborted) {
      await Promise.all(pools.map(async (pool) => pool.stop()));
      stopping.signal.throwIfAborted();
    }
    return {
      codebase,
      pools,
      byFunction: new Map(pools.flatMap((pool) => pool.functions.map((name) => [name, pool] as const))),
    };
  };

  const connect = async (to: EventServers) => {
    servers = to;
    const { functions } = loaded.codebase;
    events = await startEvents({ project, servers: to, functions, dispatcher, retryPolicy, log });
  };

  const reload = async () => {
    const old = loaded;
    const next = await loadNext();
    loaded = next;
    if (servers && !isDeepStrictEqual(triggersOf(old), triggersOf(next))) {
      await events?.stop();
      await connect(servers);
    }
    await Promise.all(old.pools.map(async (pool) => pool.retire()));
  };

  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    functions: () => loaded.codebase.functions,
    instances: () =>
      loaded.pools.flatMap((pool) => pool.live().map(({ pid, functions, inFlight }) => ({ pid, functions, inFlight }))),
    whenLive: async (perPool = options.instances) => {
      await Promise.all(loaded.pools.map(async (pool) => pool.whenLive(perPool)));
    },
    load: async (given) => {
      environment = given;
      loaded = await loadNext();
      for (const name of loaded.codebase.missing) log(`the param ${name} has no value`);
    },
    connect,
    reload,
    stop: async () => {
      stopping.abort(new Error('the functions host stops'));
      await loading;
      await Promise.all([events?.stop(), ...loaded.pools.map(async (pool) => pool.stop())]);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const triggersOf = ({ codebase }: Loaded) =>
  codebase.functions.map(({ name, region, trigger }) => ({ name, region, trigger }));

const launchesOf = (
  { functions }: Codebase,
  { directory, imports, isolate }: HostOptions,
  environment: Readonly<Record<string, string>>,
): Launch[] => {
  const options = { directory, imports, environment };
  if (isolate) return functions.map((spec) => isolatedLaunch(spec, options));
  return [sharedLaunch(functions, options)];
};

/** Starts a pool for each launch; when one fails, none is left running. */
const startAll = async (launches: readonly Launch[], { instances, log }: HostOptions): Promise<Pool[]> => {
  const results = await Promise.allSettled(launches.map(async (launch) => startPool({ launch, size: instances, log })));
  const pools = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (!failure) return pools;
  await Promise.all(pools.map(async (pool) => pool.stop()));
  throw failure.reason;
};

const listen = async (server: Server, { host, port }: HostOptions) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortBusyError(port) : error),
    );
    server.listen(port, host, resolve);
  });
