// Runs costly checks in a process of their own: a short text can keep a type checker or a linter busy for hours or fill its memory. A
// thread could be stopped as well, but its heap is not limited where the service itself was started with a limit of its heap, and
// at worst it takes the service with it. The process stays for the next check, so that what it has loaded is loaded once.
//
// T1. One check runs at a time; orgs that wait take turns, so that an org waits for one check of each other org at most.
// T2. A check has as much time as `timeoutMs` from when it begins: neither the wait nor the start of the process counts.
// T3. A check has as much memory as the smallest function that checks has to spare; which function it is makes no difference to what
//     is valid.
// T4. The process has no environment: a secret of the service is none of its business.
import { fork, type ChildProcess } from 'node:child_process';
import { fairTurns, type Turn } from './fair-turns.ts';
import type { Job, Word } from './checking-process.ts';
import { rejected } from './result.ts';
import type { ArtifactCheck } from './schemas.ts';

export type { Turn } from './fair-turns.ts';

export interface ProcessLimits {
  readonly timeoutMs: number;
  readonly maxHeapMb: number;
}

// The API has 512 MiB and needs some 200 MB of them for itself. The process comes to some 130 MB more than its heap: the engine, the
// young generation, and what is needed while memory runs out. The language's library takes 35 MB of the heap.
const usualLimits: ProcessLimits = { timeoutMs: 15_000, maxHeapMb: 128 };
const maxYoungSpaceMb = 4;
/** Until a check begins; what it loads is on a disk. */
const maxStartMs = 60_000;
const maxTries = 2;

type Ending = 'out of time' | 'out of memory' | 'failed';

/** Makes a checker with a process of its own. What ends the process for its time or memory is a finding. */
export const processChecker = (limits = usualLimits) => {
  const turns = fairTurns();
  let running: ChildProcess | undefined;

  const check = async (job: Job, tries = 1): Promise<ArtifactCheck> => {
    const checking = (running ??= await startProcess(limits));
    const outcome = await ask(checking, job, limits.timeoutMs);
    if (typeof outcome !== 'string') return outcome;
    running = undefined;
    checking.kill('SIGKILL');
    return outcome === 'failed' && tries < maxTries ? check(job, tries + 1) : rejected([findingOf[outcome]]);
  };

  return (job: Job, turn: Turn): Promise<ArtifactCheck> =>
    turns({ ...turn, size: job.content.length }, () => check(job));
};

const findingOf = {
  'out of time': { where: '', message: 'The check took too much time: simplify the content, or its types.' },
  'out of memory': { where: '', message: 'The check took too much memory: simplify the content, or its types.' },
  failed: { where: '', message: 'The content could not be checked: the check ended by itself.' },
} as const satisfies Record<Ending, object>;

const startProcess = async ({ maxHeapMb }: ProcessLimits): Promise<ChildProcess> => {
  const { processFile, processRole } = await import('./checking-process.ts');
  const started = fork(processFile, [processRole], {
    execArgv: [`--max-old-space-size=${maxHeapMb}`, `--max-semi-space-size=${maxYoungSpaceMb}`],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // Without a listener a process that cannot be started or reached would be the end of ours; `ask` reports it.
  started.on('error', () => undefined);
  return started;
};

/** The process keeps ours alive only while somebody waits for it. */
const ask = async (checking: ChildProcess, job: Job, timeoutMs: number): Promise<ArtifactCheck | Ending> => {
  const { promise, resolve } = Promise.withResolvers<ArtifactCheck | Ending>();
  let timer = setTimeout(() => resolve('failed'), maxStartMs);
  const hear = (word: Word) => {
    if (word !== 'begun') return resolve(word);
    clearTimeout(timer);
    timer = setTimeout(() => resolve('out of time'), timeoutMs);
  };
  // The engine aborts when it has no memory left.
  const end = (code: number | null, signal: string | null) =>
    resolve(signal === 'SIGABRT' || code === abortedCode ? 'out of memory' : 'failed');
  const fail = () => resolve('failed');
  checking.on('message', hear).once('exit', end).once('error', fail);
  setWaitedFor(checking, true);
  checking.send(job, (error) => {
    if (error && checking.exitCode === null && checking.signalCode === null) fail();
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    checking.off('message', hear).off('exit', end).off('error', fail);
    setWaitedFor(checking, false);
  }
};

const abortedCode = 134;

const setWaitedFor = (checking: ChildProcess, waitedFor: boolean): void => {
  for (const handle of [checking, checking.channel]) {
    if (waitedFor) handle?.ref();
    else handle?.unref();
  }
};
