// A third of a process's start is compiling. One that is killed keeps nothing of what it compiled, unless it was written down before.
import { flushCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** For the environment of the processes that are going to be killed. */
export const compileCache = { NODE_COMPILE_CACHE: path.join(tmpdir(), 'proof-compiled') };

/** Called in such a process: writes down what it has compiled once its functions are loaded. */
export const keepCompiled = (loadedByMs: number): void => {
  setTimeout(flushCompileCache, loadedByMs).unref();
};
