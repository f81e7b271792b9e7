// The command line of the demo.
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { category, priority, type Priority } from '../../../functions/src/coordination/schemas.ts';
import { SuiteError } from '../errors.ts';
import { exampleRequests, requestOf, type Request } from './requests.ts';
import type { Pace } from './setbacks.ts';

// The most that the API takes.
const maxDescriptionChars = 20_000;

type Category = z.infer<typeof category>;

export interface CommandLine {
  readonly help: boolean;
  /** The final records as one JSON document on stdout, and no progress. */
  readonly json: boolean;
  readonly requests: readonly Request[];
  /** How fast the stand-in answers. */
  readonly pace: Pace;
  /** The suite goes on running after the demo. */
  readonly keep: boolean;
  readonly priority: Priority | undefined;
  readonly category: Category | undefined;
}

export const usage = `Usage: npm run demo -- [options] ["any task of yours"]

Starts the local suite, hands in an example request (or your task), shows live
how the team works on it, kills a process in the middle, writes what was made
to ./demo-out, and stops everything again.
Exit status: 0 when all tasks completed, 1 otherwise, 130 after Ctrl-C.

  --all          three example requests, one after the other
  --speed        the stand-in answers as slowly as a real model
  --keep         keep the service running afterwards, until Ctrl-C
  --priority P   ${priority.options.join(', ')} (default: the analysis decides)
  --category C   ${category.options.slice(0, 3).join(', ')},
                 ${category.options.slice(3).join(', ')}
                 (default: the analysis decides; only with a task of yours)
  --json         print the final records as one JSON document and nothing else:
                 npm run --silent demo -- --json | jq .
  --help         print this

ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY: use these providers instead
of the local stand-in.
NO_COLOR: print without colours.
`;

const options = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  speed: { type: 'boolean' },
  keep: { type: 'boolean' },
  priority: { type: 'string' },
  category: { type: 'string' },
} as const;

/** Reads the arguments after the program's name. Throws SuiteError when one is unknown or has no valid value. */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const { values, positionals } = parse(args);
  if (values.category !== undefined && positionals.length === 0) {
    throw new SuiteError('--category needs a task of yours.', 'Add it in quotes, or leave --category out.');
  }
  return {
    help: values.help ?? false,
    json: values.json ?? false,
    requests: requestsOf(positionals, values.all ?? false),
    pace: values.speed ? 'real' : 'brisk',
    keep: values.keep ?? false,
    priority: oneOf('--priority', priority, values.priority),
    category: oneOf('--category', category, values.category),
  };
};

const requestsOf = (words: readonly string[], all: boolean): readonly Request[] => {
  if (words.length === 0) return all ? exampleRequests : exampleRequests.slice(0, 1);
  if (all) throw new SuiteError('--all and a task of yours exclude each other.', 'Leave one of them out.');
  const request = requestOf(words.join(' '));
  if ((request.description ?? '').length <= maxDescriptionChars) return [request];
  throw new SuiteError(`The task is longer than ${maxDescriptionChars} characters.`, 'Shorten it.');
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new SuiteError(message, 'Run with --help to see all options.', { cause });
  }
};

const oneOf = <T extends string>(flag: string, schema: z.ZodType<T> & { options: T[] }, value: string | undefined) => {
  if (value === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SuiteError(`${flag} is "${value}".`, `Give one of: ${schema.options.join(', ')}.`);
};
