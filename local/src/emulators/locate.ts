// Where the official emulators' programs may be, in the order in which they are preferred.
import { existsSync, globSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { SuiteError } from '../errors.ts';

export type EmulatorKind = 'firestore' | 'pubsub';

interface Places {
  /** Names one program and rules out all others. */
  readonly override: string;
  /** Below the Firebase CLI's cache. */
  readonly cached: string;
  /** Below a Google Cloud SDK. */
  readonly installed: string;
}

const places: Record<EmulatorKind, Places> = {
  firestore: {
    override: 'FIRESTORE_EMULATOR_BINARY_PATH',
    cached: 'cloud-firestore-emulator-v*.jar',
    installed: 'platform/cloud-firestore-emulator/*.jar',
  },
  pubsub: {
    override: 'PUBSUB_EMULATOR_BINARY_PATH',
    cached: 'pubsub-emulator-*/**/lib/*.jar',
    installed: 'platform/pubsub-emulator/lib/*.jar',
  },
};

const usualSdkRoots = [
  '/usr/lib/google-cloud-sdk',
  '/usr/share/google-cloud-sdk',
  '/opt/google-cloud-sdk',
  '/snap/google-cloud-cli/current',
  '/opt/homebrew/share/google-cloud-sdk',
  '/usr/local/share/google-cloud-sdk',
];

/**
 * The jars to try, best first; empty when none is installed. A newer one may need a newer Java, so that a later one may be the
 * first that runs. Throws SuiteError when the override variable names nothing usable.
 */
export const locateJars = (kind: EmulatorKind, env: NodeJS.ProcessEnv): string[] => {
  const { override, installed } = places[kind];
  const chosen = env[override];
  if (chosen) return [jarAt(chosen, override)];
  const inSdks = sdkRoots(env).flatMap((root) => newestFirst(globSync(join(root, installed))));
  return [...new Set([...cachedJars(kind, env), ...inSdks])];
};

/** The jars that the Firebase CLI has fetched, newest first. */
export const cachedJars = (kind: EmulatorKind, env: NodeJS.ProcessEnv): string[] => {
  const cache = env['FIREBASE_EMULATORS_PATH'] ?? join(home(env), '.cache', 'firebase', 'emulators');
  return newestFirst(globSync(join(cache, places[kind].cached)));
};

const home = (env: NodeJS.ProcessEnv) => env['HOME'] ?? homedir();

/** A jar; or a folder that holds one, or the start script beside one, as the Firebase CLI accepts for Pub/Sub. */
const jarAt = (path: string, variable: string): string => {
  const jars = !existsSync(path)
    ? []
    : statSync(path).isDirectory()
      ? newestFirst(globSync(join(path, '**', '*.jar')))
      : path.endsWith('.jar')
        ? [resolve(path)]
        : newestFirst(globSync(join(dirname(path), '..', 'lib', '*.jar')));
  const [jar] = jars;
  if (!jar) throw new SuiteError(`${variable} names no emulator: ${path}`, `Set ${variable} to the jar, or unset it.`);
  return jar;
};

const sdkRoots = (env: NodeJS.ProcessEnv): string[] => {
  const named = [env['CLOUDSDK_ROOT_DIR'], env['GOOGLE_CLOUD_SDK'], env['GOOGLE_CLOUD_SDK_HOME'], ...sdkOnPath(env)];
  return [...named.filter((root) => root !== undefined), ...usualSdkRoots, join(home(env), 'google-cloud-sdk')];
};

const sdkOnPath = (env: NodeJS.ProcessEnv): string[] =>
  (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'gcloud'))
    .filter((command) => existsSync(command))
    .map((command) => dirname(dirname(realpathSync(command))));

const newestFirst = (paths: string[]): string[] =>
  paths.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
