// A copy of the repository to break, and the tests run in it. The packages are shared with the original by a link.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { startFirestoreEmulator, startPubsubEmulator, withPort } from '../../local/src/emulators/index.ts';
import { withDefect, type Mutation } from './apply.ts';

/**
 * `killed`: a test failed. `survived`: all passed. `broken`: the tests could not run, and `hung`: they did not end in time;
 * neither proves anything.
 */
export type Verdict = 'killed' | 'survived' | 'broken' | 'hung';

export interface Workshop {
  /** Runs these tests on the copy as it is. */
  test(of: Pick<Mutation, 'project' | 'tests'>): Promise<{ verdict: Verdict; failed: readonly string[] }>;
  /** Runs the mutation's tests with the defect in the copy, and takes it out again. */
  tryOut(mutation: Mutation): Promise<{ verdict: Verdict; failed: readonly string[] }>;
  stop(): Promise<void>;
}

const repository = path.resolve(import.meta.dirname, '../..');
/** For each test file; a suite that waits for what never comes ends by its own limits long before. */
const timeoutMs = 240_000;
const host = '127.0.0.1';

/** What a copy need not have: it is made anew, or linked. */
const leftOut = new Set(['node_modules', '.git', 'lib', 'coverage']);

const jestReport = z.object({
  numFailedTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) })),
});

export const openWorkshop = async (): Promise<Workshop> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'mutations-'));
  await cp(repository, directory, {
    recursive: true,
    filter: (source) => !leftOut.has(path.basename(source)),
  });
  await symlink(path.join(repository, 'node_modules'), path.join(directory, 'node_modules'));
  const emulator = { host, preferred: 0, explicit: false, flag: '' };
  const [firestore, pubsub] = await Promise.all([
    withPort(emulator, (port) => startFirestoreEmulator({ host, port })),
    withPort(emulator, (port) => startPubsubEmulator({ host, port })),
  ]);
  const environment = {
    ...process.env,
    FIRESTORE_EMULATOR_HOST: `${host}:${firestore.port}`,
    PUBSUB_EMULATOR_HOST: `${host}:${pubsub.port}`,
  };
  const test: Workshop['test'] = (of) => runJest(directory, environment, of);
  return {
    test,
    tryOut: async (mutation) => {
      const file = path.join(directory, mutation.file);
      const original = await readFile(file, 'utf8');
      await writeFile(file, withDefect(original, mutation));
      try {
        return await test(mutation);
      } finally {
        await writeFile(file, original);
      }
    },
    stop: async () => {
      await Promise.all([firestore.stop(), pubsub.stop(), rm(directory, { recursive: true })]);
    },
  };
};

const runJest = async (
  directory: string,
  environment: NodeJS.ProcessEnv,
  { project, tests }: Pick<Mutation, 'project' | 'tests'>,
): ReturnType<Workshop['test']> => {
  const report = path.join(directory, 'jest-report.json');
  await rm(report, { force: true });
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const output = ['--silent', '--json', `--outputFile=${report}`, '--forceExit'];
  const child = spawn(process.execPath, [...flags, ...tests, ...output, '--selectProjects', project], {
    cwd: directory,
    env: environment,
    stdio: 'ignore',
    timeout: timeoutMs * tests.length,
    killSignal: 'SIGKILL',
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (signal !== null) return { verdict: 'hung', failed: [] };
  return judge(code, await readFile(report, 'utf8').catch(() => undefined));
};

const judge = (code: number | null, text: string | undefined): { verdict: Verdict; failed: string[] } => {
  if (text === undefined) return { verdict: 'broken', failed: [] };
  const report = jestReport.parse(JSON.parse(text));
  const failed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => fullName);
  if (report.numFailedTests > 0) return { verdict: 'killed', failed };
  return { verdict: report.numRuntimeErrorTestSuites > 0 || code !== 0 ? 'broken' : 'survived', failed };
};
