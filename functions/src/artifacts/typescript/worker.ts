// The thread that the compiler runs in. This module plays both parts: loaded by the service it only knows its own address,
// which the bundler changes; loaded by the thread it answers each source it is sent with the compiler's errors.
import { parentPort, workerData } from 'node:worker_threads';
import type { CompileError } from './compile.ts';

/** What the thread answers: the errors, or null when the source is more than the compiler can take. */
export type WorkerAnswer = readonly CompileError[] | null;

export const workerUrl = new URL(import.meta.url);
export const workerRole = 'typescript-check';

// Its tree outgrows the call stack. Any other failure ends the thread, and the check with it.
const compileOrNull = (compile: (source: string) => CompileError[], source: string): WorkerAnswer => {
  try {
    return compile(source);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};

if (parentPort && workerData === workerRole) {
  const port = parentPort;
  const { compile } = await import('./compile.ts');
  port.on('message', (source: string) => port.postMessage(compileOrNull(compile, source)));
}
