// Fetches an emulator with the Firebase CLI, which knows where the official ones are published and checks what it gets.
import { SuiteError } from '../errors.ts';
import { spawnChild } from '../processes.ts';
import { javaVersion } from './java.ts';
import { cachedJars, type EmulatorKind } from './locate.ts';

const cliPackage = 'firebase-tools@15';
const javaForCli = 21;
const fetchTimeoutMs = 5 * 60_000;

const sdkComponents: Record<EmulatorKind, string> = {
  firestore: 'cloud-firestore-emulator',
  pubsub: 'pubsub-emulator',
};

const whatToInstall = (kind: EmulatorKind) =>
  `Install it with "gcloud components install ${sdkComponents[kind]}" or from your system's packages ` +
  `(google-cloud-cli-${kind}-emulator), or install Java ${javaForCli} and run "npx ${cliPackage} setup:emulators:${kind}".`;

/** Fetches the emulator and returns the jars that can be tried then; throws SuiteError when none could be had. */
export const fetchJars = async (kind: EmulatorKind, env: NodeJS.ProcessEnv): Promise<string[]> => {
  const java = await javaVersion(env);
  if (java === undefined || java < javaForCli) {
    const found = java === undefined ? 'no Java' : `Java ${java}`;
    throw new SuiteError(
      `The ${kind} emulator is not installed, and the Firebase CLI, which could fetch it, needs Java ${javaForCli} (found ${found}).`,
      whatToInstall(kind),
    );
  }
  process.stderr.write(`The ${kind} emulator is not installed; fetching it with the Firebase CLI.\n`);
  const output = await runCli(kind, env);
  const jars = cachedJars(kind, env);
  if (jars.length === 0)
    throw new SuiteError(`The ${kind} emulator could not be fetched.\n${output}`, whatToInstall(kind));
  return jars;
};

const runCli = async (kind: EmulatorKind, env: NodeJS.ProcessEnv): Promise<string> => {
  const child = spawnChild({
    command: 'npx',
    args: ['--yes', cliPackage, `setup:emulators:${kind}`],
    env: { ...env, CI: '1', NO_UPDATE_NOTIFIER: '1' },
  });
  const timer = setTimeout(() => void child.stop(0), fetchTimeoutMs);
  await child.exited;
  clearTimeout(timer);
  return child.output().trimEnd();
};
