// Asks firebase-functions for the manifest of a codebase, the way the Firebase CLI does before a deploy: in a process of its
// own, with secrets out of reach.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { SuiteError } from '../errors.ts';
import { readManifest, type Codebase } from './manifest.ts';

const run = promisify(execFile);
const loadTimeoutMs = 60_000;

export interface DiscoverOptions {
  /** Directory whose package.json names the built module as `main`. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Loads the built module once and tells what it exports. Throws SuiteError when it cannot be loaded. */
export const discover = async ({ directory, environment, signal }: DiscoverOptions): Promise<Codebase> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'functions-manifest-'));
  const file = path.join(folder, 'manifest.json');
  try {
    await run(process.execPath, [findBin(directory)], {
      cwd: directory,
      env: { ...environment, FUNCTIONS_CONTROL_API: 'true', FUNCTIONS_MANIFEST_OUTPUT_PATH: file },
      timeout: loadTimeoutMs,
      signal,
    });
    return readManifest(JSON.parse(await readFile(file, 'utf8')), environment);
  } catch (cause) {
    if (signal.aborted || cause instanceof SuiteError) throw cause;
    throw new SuiteError(
      `The functions in ${directory} could not be loaded:\n${whatItSaid(cause)}`,
      'Fix what the message names, then start again.',
      { cause },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
};

const whatItSaid = (error: unknown): string => {
  const stderr = (error as { stderr?: unknown }).stderr;
  return typeof stderr === 'string' && stderr.trim() ? stderr.trim() : String(error);
};

/** The package's command, looked for from the codebase upwards, as Node.js looks for packages. */
const findBin = (directory: string): string => {
  for (let at = directory; ; at = path.dirname(at)) {
    const bin = path.join(at, 'node_modules', '.bin', 'firebase-functions');
    if (existsSync(bin)) return bin;
    if (at === path.dirname(at)) break;
  }
  throw new SuiteError(
    `The package firebase-functions is not installed for ${directory}.`,
    'Run `npm install` at the root of the checkout, or name another directory.',
  );
};
