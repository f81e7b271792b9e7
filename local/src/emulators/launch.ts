// Starts an emulator's JVM and waits until this very JVM serves its port. The port answering is not enough: when two suites race
// for it, the answer may come from the other one's emulator, so the emulator must also have said that it listens.
import { setTimeout as delay } from 'node:timers/promises';
import { PortBusyError, SuiteError } from '../errors.ts';
import { spawnChild, type Child, type Exit } from '../processes.ts';
import { fetchJars } from './fetch.ts';
import { javaCommand, javaVersion, neededVersion } from './java.ts';
import { locateJars, type EmulatorKind } from './locate.ts';

export interface Emulator {
  readonly host: string;
  readonly port: number;
  /** Process id of the emulator's JVM itself. */
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** What the emulator printed last; worth showing when it failed. */
  output(): string;
  stop(): Promise<void>;
}

export interface EmulatorProgram {
  readonly kind: EmulatorKind;
  readonly mainClass: string;
  readonly args: readonly string[];
  /** Matches what the emulator prints once its port is bound. */
  readonly announcement: RegExp;
  readonly host: string;
  readonly port: number;
}

const readyTimeoutMs = 60_000;
const pollEveryMs = 20;
// The JVM ends within about 350 ms when asked, and cleans up its temporary files; what it holds is meant to be lost.
const stopGraceMs = 2_000;

// An emulator lives for minutes and shares the machine: the quick compiler alone starts it in two thirds of the time, and a
// suite's load never lasts long enough for the optimising one to win. Its threads and a parallel collector's would also
// compete with the functions. The language is the one in which the emulators announce themselves.
const jvmFlags = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Duser.language=en'];

/**
 * Starts the best installed version that runs on this machine's Java, fetching one when there is none.
 * Throws PortBusyError when the port is taken, SuiteError when no version can be had or runs.
 */
export const launch = async (program: EmulatorProgram, env: NodeJS.ProcessEnv): Promise<Emulator> => {
  const installed = locateJars(program.kind, env);
  const jars = installed.length > 0 ? installed : await fetchJars(program.kind, env);
  const tooNew: number[] = [];
  for (const jar of jars) {
    const child = startJvm(program, jar, env);
    if (await becomesReady(program, child)) return emulatorOf(program, child);
    await child.stop(0);
    const needed = neededVersion(child.output());
    if (needed === undefined) throw await failure(program, child, env);
    tooNew.push(needed);
  }
  throw new SuiteError(
    `The installed ${program.kind} emulator needs Java ${Math.min(...tooNew)}.`,
    `Install it; "java -version" says that this is Java ${(await javaVersion(env)) ?? 'of an unknown version'}.`,
  );
};

const startJvm = ({ mainClass, args, host, port }: EmulatorProgram, jar: string, env: NodeJS.ProcessEnv): Child =>
  spawnChild({
    command: javaCommand(env),
    args: [...jvmFlags, '-cp', jar, mainClass, `--host=${host}`, `--port=${port}`, ...args],
    env,
  });

const emulatorOf = ({ host, port }: EmulatorProgram, child: Child): Emulator => ({
  host,
  port,
  pid: child.pid,
  exited: child.exited,
  output: () => child.output(),
  stop: () => child.stop(stopGraceMs),
});

const becomesReady = async (program: EmulatorProgram, child: Child): Promise<boolean> => {
  const exit = { seen: false };
  void child.exited.then(() => (exit.seen = true));
  const deadline = Date.now() + readyTimeoutMs;
  while (!exit.seen && Date.now() < deadline && !portTaken(child)) {
    if (program.announcement.test(child.output()) && (await answers(program))) return true;
    await delay(pollEveryMs);
  }
  return false;
};

// The Pub/Sub emulator says so and then hangs, the Firestore emulator ends.
const portTaken = (child: Child) => child.output().includes('java.net.BindException');

const answers = async ({ host, port }: EmulatorProgram): Promise<boolean> => {
  try {
    const response = await fetch(`http://${host}:${port}/`);
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
};

const failure = async (program: EmulatorProgram, child: Child, env: NodeJS.ProcessEnv): Promise<SuiteError> => {
  if (portTaken(child)) return new PortBusyError(program.port);
  if ((await javaVersion(env)) === undefined) {
    return new SuiteError(
      `Java is not installed, and the ${program.kind} emulator needs it.`,
      'Install Java 21 (or 11, for older emulators) and put it on PATH or set JAVA_HOME.',
    );
  }
  return new SuiteError(
    `The ${program.kind} emulator did not start.`,
    `It printed:\n${child.output().trimEnd() || '(nothing)'}`,
  );
};
