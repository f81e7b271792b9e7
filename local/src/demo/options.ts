// The command line of the demo.
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { category, priority, type Priority } from '../../../functions/src/coordination/schemas.ts';
import { SuiteError } from '../errors.ts';
import { exampleRequests, requestOf, type Request } from './requests.ts';

type Category = z.infer<typeof category>;

export interface CommandLine {
  readonly help: boolean;
  /** The final records as one JSON document on stdout, and no progress. */
  readonly json: boolean;
  readonly requests: readonly Request[];
  readonly priority: Priority | undefined;
  readonly category: Category | undefined;
}

export const usage = `Usage: npm run demo -- [options] ["any task of yours"]

Starts the local suite, hands in the three example requests (or your task), shows live how the team works on them,
and stops everything again. Exit status 0 when all tasks completed, 1 otherwise, 130 after Ctrl-C.

  --priority P   ${priority.options.join(', ')} (default: the analysis decides)
  --category C   ${category.options.join(', ')}
                 (default: the analysis decides; only with a task of yours)
  --json         print the final records as one JSON document and nothing else
  --help         print this

ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY: use these providers instead of the local stand-in.
NO_COLOR: print without colours.
`;

const options = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
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
    requests: positionals.length > 0 ? [requestOf(positionals.join(' '))] : exampleRequests,
    priority: oneOf('--priority', priority, values.priority),
    category: oneOf('--category', category, values.category),
  };
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
