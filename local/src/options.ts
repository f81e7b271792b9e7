// The command line of the local suite.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { SuiteError } from './errors.ts';
import { portFlag, parts, type Part } from './ports.ts';
import type { SuiteOptions } from './suite.ts';

export interface CommandLine {
  readonly help: boolean;
  /** One line of JSON on stdout instead of the overview. */
  readonly json: boolean;
  readonly suite: SuiteOptions;
}

export const usage = `Usage: npm start -- [options]

  --watch             build and restart the functions when their sources change
  --json              print one line of JSON on stdout when ready
  --instances N       processes that run the functions (default 2; with --isolate per function, default 1)
  --isolate           give each function processes of its own, as in production
  --max-attempts N    failed attempts before an event is dead-lettered (default 8)
  --no-seed           start with empty databases
  --character TEXT    what kind of model the stand-in is: calm (default), natural, or JSON with seed, thinking,
                      decisions, objections, questions, errors, refusals, speed (local/README.md)
  --project ID        project id (default demo-backend-coordinator)
  --functions DIR     run another built codebase than functions/
  --host ADDRESS      listen there (default 127.0.0.1)
  --port-functions N  (default 5001)   --port-firestore N  (default 8080)   --port-auth N  (default 9099)
  --port-pubsub N     (default 8085)   --port-llm N        (default 5080)
                      a port given must be free; 0 takes any; a default that is taken is replaced
  --help              print this

FIRESTORE_EMULATOR_HOST or PUBSUB_EMULATOR_HOST: use that server instead of starting one.
ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, or ANTHROPIC_BASE_URL, OPENAI_BASE_URL, GOOGLE_GEMINI_BASE_URL:
use these providers or servers instead of the stand-in.
STAND_IN_CHARACTER: what kind of model the stand-in is, when no --character TEXT is given.
`;

const flags = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  watch: { type: 'boolean' },
  isolate: { type: 'boolean' },
  'no-seed': { type: 'boolean' },
  instances: { type: 'string' },
  'max-attempts': { type: 'string' },
  character: { type: 'string' },
  project: { type: 'string' },
  functions: { type: 'string' },
  host: { type: 'string' },
  'port-functions': { type: 'string' },
  'port-firestore': { type: 'string' },
  'port-auth': { type: 'string' },
  'port-pubsub': { type: 'string' },
  'port-llm': { type: 'string' },
} satisfies ParseArgsOptionsConfig;

/** Reads the arguments after the program's name. Throws SuiteError when one is unknown or has no valid value. */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const values = parse(args);
  const ports = parts.flatMap((part): [Part, number][] => {
    const value = wholeNumber(portFlag(part), values[`port-${part}`], { least: 0, most: 65_535 });
    return value === undefined ? [] : [[part, value]];
  });
  return {
    help: values.help === true,
    json: values.json === true,
    suite: defined({
      watch: values.watch === true,
      isolate: values.isolate === true,
      seed: values['no-seed'] !== true,
      ports: Object.fromEntries(ports),
      instances: wholeNumber('--instances', values.instances, { least: 1, most: 100 }),
      maxAttempts: wholeNumber('--max-attempts', values['max-attempts'], { least: 1, most: 100 }),
      character: values.character,
      project: values.project,
      functionsDirectory: values.functions,
      host: values.host,
    }),
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (cause) {
    throw new SuiteError(
      cause instanceof Error ? cause.message : String(cause),
      'Run with --help to see all options.',
      {
        cause,
      },
    );
  }
};

const wholeNumber = (flag: string, value: string | undefined, { least, most }: { least: number; most: number }) => {
  if (value === undefined) return undefined;
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw new SuiteError(`${flag} is "${value}".`, `Give a whole number from ${least} to ${most}.`);
};

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
