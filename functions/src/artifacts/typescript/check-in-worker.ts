// Runs the compiler in a thread of its own: a short text can keep a type checker busy for hours, and only a thread can be
// stopped. The thread stays for the next check, so that its libraries are parsed once; checks take turns.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { WorkerAnswer } from './worker.ts';

// A file of the largest size that we accept compiles in about 2 s, the thread starts in about 1 s.
const defaultTimeoutMs = 15_000;
// The libraries take about 150 MB.
const maxHeapMb = 512;

export type CompileOutcome = WorkerAnswer | 'gave-up';

/** Makes a checker with a thread of its own; a check that takes longer than `timeoutMs` gives up and ends the thread. */
export const typescriptChecker = (timeoutMs = defaultTimeoutMs) => {
  let worker: Promise<Worker> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const check = async (source: string): Promise<CompileOutcome> => {
    const thread = await (worker ??= startWorker());
    const outcome = await ask(thread, source, timeoutMs);
    if (outcome === 'gave-up') {
      worker = undefined;
      await thread.terminate();
    }
    return outcome;
  };

  return (source: string): Promise<CompileOutcome> => {
    const outcome = turn.then(() => check(source));
    turn = outcome.catch(() => undefined);
    return outcome;
  };
};

const startWorker = async (): Promise<Worker> => {
  const { workerRole, workerUrl } = await import('./worker.ts');
  const worker = new Worker(workerUrl, {
    workerData: workerRole,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  });
  // Without a listener the end of the thread would be the end of the process; `ask` reports it.
  worker.on('error', () => undefined);
  return worker;
};

// The thread keeps the process alive only while somebody waits for it.
const ask = async (worker: Worker, source: string, timeoutMs: number): Promise<CompileOutcome> => {
  const stop = new AbortController();
  const giveUp = () => stop.abort();
  const timer = setTimeout(giveUp, timeoutMs);
  worker.ref();
  worker.once('exit', giveUp);
  try {
    const answer = once(worker, 'message', { signal: stop.signal });
    worker.postMessage(source);
    const [errors] = (await answer) as [WorkerAnswer];
    return errors;
  } catch {
    return 'gave-up';
  } finally {
    clearTimeout(timer);
    worker.off('exit', giveUp);
    worker.unref();
  }
};
