// `npm start`: keeps the local suite running until Ctrl-C. Progress and the functions' output go to standard error, what was
// asked for to standard output.
import { banner, summary } from './banner.ts';
import { SuiteError } from './errors.ts';
import { readCommandLine, usage } from './options.ts';
import { startSuite, type Suite } from './suite.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const progress = (line: string) => void process.stderr.write(`${line}\n`);

/** Resolves at the first signal; a second one ends the process at once, and with it all of its children. */
const whenAsked = async (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of signals) {
      process.once(signal, () => {
        for (const again of signals) process.once(again, () => process.exit(1));
        resolve();
      });
    }
  });

const run = async (args: readonly string[]): Promise<void> => {
  const { help, json, suite: options } = readCommandLine(args);
  if (help) {
    process.stdout.write(usage);
    return;
  }
  const startedAt = performance.now();
  const asked = whenAsked();
  progress('Starting …');
  const starting = startSuite({ ...options, log: progress });
  const first = await Promise.race([starting, asked]);
  if (first) tell(first, json, performance.now() - startedAt);
  await asked;
  progress('Stopping …');
  const suite = await starting;
  await suite.stop();
};

const tell = (suite: Suite, json: boolean, ms: number) => {
  progress(`Ready after ${(ms / 1000).toFixed(1)} s.`);
  process.stdout.write(json ? `${summary(suite)}\n` : banner(suite));
};

try {
  await run(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  if (!(error instanceof SuiteError)) throw error;
  progress(`${error.message}\n${error.whatToDo}`);
  process.exit(1);
}
