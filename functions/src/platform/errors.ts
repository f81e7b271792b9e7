// One error class for the whole service. What a caller or an event handler must do is in the row, not in a subclass:
// branch on `code`. `code` is always a string: the Firestore client decides by a *numeric* code whether to re-run a call.

export type Retry = 'never' | 'later';

export interface ErrorRow {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly retry: Retry;
}

type RowSpec = Omit<ErrorRow, 'code'>;

/** Declares the error rows of a domain; each row's `code` is `<domain>.<name>` in snake case. */
export const defineErrors = <const T extends Record<string, RowSpec>>(
  domain: string,
  rows: T,
): { readonly [K in keyof T]: ErrorRow } => {
  const entries = Object.entries(rows).map(([name, row]) => [name, { code: `${domain}.${snakeCase(name)}`, ...row }]);
  return Object.freeze(Object.fromEntries(entries)) as { readonly [K in keyof T]: ErrorRow };
};

const snakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** One failing field: a JSON pointer (RFC 6901) into the input, and what is wrong there. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

export interface ErrorDetails {
  /** Public: shown to the caller. */
  readonly detail?: string;
  /** Public: every failing field of the input. */
  readonly errors?: readonly FieldError[];
  /** Public: seconds after which a retry makes sense. */
  readonly retryAfterSeconds?: number;
  /** For logs only. */
  readonly cause?: unknown;
  /** For logs only: ids and counts, never bodies, prompts or secrets. */
  readonly context?: Readonly<Record<string, string | number | boolean>>;
}

export class AppError extends Error {
  readonly row: ErrorRow;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  readonly context: Readonly<Record<string, string | number | boolean>>;

  constructor(row: ErrorRow, details: ErrorDetails = {}) {
    super(details.detail ?? row.title, { cause: details.cause });
    this.name = 'AppError';
    this.row = row;
    this.detail = details.detail ?? row.title;
    this.errors = details.errors ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.context = details.context ?? {};
  }

  get code(): string {
    return this.row.code;
  }
}

/** True when `error` is an AppError of that row. Compares codes, as bundles may hold a class twice. */
export const isError = (error: unknown, row: ErrorRow): error is AppError =>
  error instanceof AppError && error.code === row.code;

/**
 * For logs: where an error and its causes were thrown. Their messages too where these say what happened and not what was being read:
 * those of parsers, of libraries and of the engine quote messages, answers and secrets, and a log holds none. The logger would write an error's own fields
 * only, and a stack is none.
 */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return `a ${typeof error} was thrown`;
  const own = `${headline(error)}${framesOf(error)}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describeError(error.cause)}`;
};

const headline = (error: Error): string => {
  const name = error.name === 'Error' ? error.constructor.name : error.name;
  const { code } = error as { code?: unknown };
  if (isPlain(error, code)) return `${name}: ${error.message}`;
  return typeof code === 'string' || typeof code === 'number' ? `${name} (${code})` : name;
};

/** What we say ourselves, and what the network, Firestore and Pub/Sub say of a call. */
const isPlain = (error: Error, code: unknown): boolean =>
  error instanceof AppError || typeof code === 'number' || (typeof code === 'string' && systemCode.test(code));

const systemCode = /^E[A-Z]+$/;

/** The stack without the message that stands at its top, of which any line may look like a frame. */
const framesOf = ({ stack = '', message }: Error): string => {
  const at = stack.indexOf(message);
  const rest = at < 0 ? '' : stack.slice(at + message.length);
  return rest.slice(Math.max(0, rest.indexOf('\n    at ')));
};

export const platformErrors = defineErrors('platform', {
  internal: { status: 500, title: 'Something went wrong on our side', retry: 'later' },
  invalidInput: { status: 400, title: 'The input does not fit the schema', retry: 'never' },
});
