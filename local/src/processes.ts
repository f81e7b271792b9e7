// Child processes of the suite. Two promises:
//   P1  `pid` is the program's own process id, so that others may inspect or kill it.
//   P2  neither the program nor what it starts outlives the suite, even when the suite dies by SIGKILL.
// For P2 each child leads a process group of its own, which also holds a watcher: a shell that waits on a pipe to the suite
// and kills the group at its end-of-file. The group also keeps Ctrl-C away, so that the suite can stop things in order.
// POSIX only.
import { spawn, type ChildProcess } from 'node:child_process';
import { SuiteError } from './errors.ts';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment; the suite's own by default. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface Exit {
  /** 127 when there is no such command. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  /** Settles when the program has ended and its output was read; never rejects. */
  readonly exited: Promise<Exit>;
  /** The last 64 KiB or so of stdout and stderr. */
  output(): string;
  /** Asks the program to end (SIGTERM), kills it after `graceMs`, and resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

// The shell forks the watcher and then becomes the program: `$$` is the id of both (P1).
const wrapper = '(trap "" INT TERM HUP; read -r _ <&3; kill -s KILL -- "-$$") & exec "$@" 3<&-';

const keptOutputChars = 64 * 1024;
const defaultGraceMs = 5_000;

/** Starts a program; throws SuiteError when not even the wrapping shell could be started. */
export const spawnChild = (options: ChildOptions): Child => {
  const child = spawn('/bin/sh', ['-c', wrapper, 'sh', options.command, ...options.args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    env: options.env ?? process.env,
  });
  const exited = exitOf(child);
  const { pid } = child;
  if (pid === undefined) {
    throw new SuiteError(`Cannot start ${options.command}.`, 'A POSIX shell is needed at /bin/sh.');
  }
  child.once('exit', () => signal(-pid, 'SIGKILL'));
  return {
    pid,
    exited,
    output: keepOutput(child),
    stop: async (graceMs = defaultGraceMs) => {
      if (child.exitCode === null && child.signalCode === null) signal(pid, 'SIGTERM');
      const timer = setTimeout(() => signal(-pid, 'SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
};

const exitOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => {
    child.once('close', (code, signalName) => resolve({ code, signal: signalName }));
    child.once('error', () => resolve({ code: 127, signal: null }));
  });

const signal = (target: number, name: NodeJS.Signals): void => {
  try {
    process.kill(target, name);
  } catch (error) {
    // ESRCH: it is gone; EPERM: macOS says so of a group whose members are all dead but not yet collected.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
};

const keepOutput = (child: ChildProcess): (() => string) => {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-keptOutputChars);
    });
  }
  return () => kept;
};
