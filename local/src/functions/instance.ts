// One process that runs functions, seen from the suite.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { FunctionSpec } from './manifest.ts';

/** How to start an instance. */
export interface Launch {
  readonly functions: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
  /** Modules to import before the program. */
  readonly imports: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where a request for a function goes in this instance. */
  readonly pathOf: (name: string, rest: string) => string;
}

export interface Instance {
  readonly pid: number;
  readonly port: number;
  readonly functions: readonly string[];
  readonly pathOf: Launch['pathOf'];
  /** Connections to this instance only. */
  readonly agent: Agent;
  /** Requests that wait for an answer. */
  inFlight: number;
}

export interface StartedInstance {
  readonly pid: number;
  /** Undefined when the process ended before it could serve. */
  readonly ready: Promise<Instance | undefined>;
  /** Resolves to how it ended, e.g. `SIGKILL` or `exit code 1`. */
  readonly exited: Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

export interface InstanceOptions {
  /** Directory whose package.json names the built module as `main`. */
  readonly directory: string;
  readonly imports: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** An instance that serves all these functions in one process. */
export const sharedLaunch = (functions: readonly FunctionSpec[], options: InstanceOptions): Launch => ({
  functions: functions.map(({ name }) => name),
  program: path.join(import.meta.dirname, 'shared-instance.ts'),
  args: [
    createRequire(import.meta.url).resolve(options.directory),
    ...functions.map((spec) => `${spec.name}=${spec.entryPoint}=${signatureOf(spec)}`),
  ],
  imports: options.imports,
  cwd: options.directory,
  environment: options.environment,
  pathOf: (name, rest) => `/${name}${rest}`,
});

/** An instance that serves one function as in production: the functions-framework CLI. */
export const isolatedLaunch = (spec: FunctionSpec, options: InstanceOptions): Launch => ({
  functions: [spec.name],
  program: path.join(
    path.dirname(createRequire(import.meta.url).resolve('@google-cloud/functions-framework')),
    'main.js',
  ),
  args: [
    ...['--target', spec.entryPoint],
    ...['--signature-type', signatureOf(spec)],
    ...['--source', options.directory],
    ...['--port', '0'],
  ],
  imports: [path.join(import.meta.dirname, 'tell-port.ts'), ...options.imports],
  cwd: options.directory,
  environment: {
    ...options.environment,
    FUNCTION_TARGET: spec.entryPoint,
    // Cloud Run names services in lower case.
    K_SERVICE: spec.name.toLowerCase(),
  },
  pathOf: (_name, rest) => rest,
});

const signatureOf = ({ trigger }: FunctionSpec) =>
  trigger.kind === 'https' || trigger.kind === 'schedule' ? 'http' : 'cloudevent';

const portMessage = z.object({ port: z.int().positive() });

/** Starts the process; `log` receives its output a line at a time. */
export const startInstance = (launch: Launch, log: (line: string) => void): StartedInstance => {
  const child = fork(launch.program, launch.args, {
    execArgv: [path.join(import.meta.dirname, 'follow-suite.ts'), ...launch.imports].flatMap((module) => [
      '--import',
      urlOf(module),
    ]),
    cwd: launch.cwd,
    env: launch.environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Away from the terminal's signals: the suite decides when an instance ends.
    detached: true,
  });
  const pid = child.pid ?? 0;
  for (const output of [child.stdout, child.stderr]) if (output) forward(output, (line) => log(`[${pid}] ${line}`));
  const agent = new Agent({ keepAlive: true });
  const exited = exitOf(child).finally(() => agent.destroy());
  const port = once(child, 'message').then(([message]) => portMessage.parse(message).port);
  const ready = port.then((value) => ({
    pid,
    port: value,
    functions: launch.functions,
    pathOf: launch.pathOf,
    agent,
    inFlight: 0,
  }));
  return {
    pid,
    ready: Promise.race([ready, exited.then(() => undefined)]),
    exited,
    kill: (signal) => void child.kill(signal),
  };
};

const urlOf = (module: string) => (module.startsWith('file:') ? module : pathToFileURL(path.resolve(module)).href);

const forward = (output: Readable, log: (line: string) => void) => {
  createInterface({ input: output, crlfDelay: Infinity }).on('line', log);
};

const exitOf = async (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? 'unknown'}`));
  });
