// One provider's protocol: how a request is read, and how answers and errors are written.
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../answer.ts';
import type { Prompt, Provider } from '../prompt.ts';

export type FailureKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'invalid'
  | 'not-found'
  | 'no-model'
  | 'unpaid'
  | 'dead-money'
  | 'too-large'
  | 'context-length'
  | 'rate-limited'
  | 'overloaded'
  | 'internal';

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** OpenAI names the parameter at fault, and why. */
  readonly param?: string;
  readonly code?: string;
  /** Google says in the body when to come back. */
  readonly retryAfterSeconds?: number | undefined;
}

/** A request that the provider would refuse. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A rule of the provider: throws a Refusal when the request breaks it. */
export const forbid = (isBroken: boolean, message: string, more: Pick<Failure, 'param' | 'code'> = {}): void => {
  if (isBroken) throw new Refusal({ kind: 'invalid', message, ...more });
};

export interface ErrorReply {
  readonly status: number;
  readonly body: unknown;
}

/** The events of a streamed answer in their order, each the complete text of one or of several that belong together. */
export interface EventStream {
  readonly opening: readonly string[];
  /** What is told of the thinking. */
  readonly thinking: readonly string[];
  /** Announces the content. */
  readonly begin: readonly string[];
  readonly content: readonly string[];
  readonly closing: readonly string[];
}

/** What the dialect finds in the address: Gemini names the model there, and whether to stream. */
export interface Address {
  readonly model: string;
  readonly method: string;
}

export interface Dialect {
  readonly provider: Provider;
  /** The key that the request carries; undefined or empty when there is none. */
  key(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined;
  /** Reads a request. Throws a ZodError when the body does not fit, and a Refusal when it contradicts itself or its model. */
  parse(body: unknown, address: Address): Prompt;
  body(prompt: Prompt, answer: Answer): unknown;
  stream(prompt: Prompt, answer: Answer): EventStream;
  error(failure: Failure, requestId: string): ErrorReply;
  /** An error within a stream that has begun; `wordy`: with a word as its code, where that is usually a number. */
  errorEvent(failure: Failure, requestId: string, wordy?: boolean): string;
  /** What keeps a silent stream alive. */
  readonly ping: string | undefined;
  /** Events that a newer version of the API may send. */
  readonly unknownEvents: readonly string[];
}

/** How finely a stream is cut: a long answer comes in larger pieces, not in more of them. */
export const STREAM_PIECES = 24;

export const event = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

/** What is said of the thoughts where they are not kept back. */
export const THOUGHTS = 'Weighing what was asked against what is there, and what each choice would cost.';

/** How OpenAI's models decline. */
export const REFUSAL = "I'm sorry, but I can't help with that.";

export const bearer = (headers: IncomingHttpHeaders): string | undefined =>
  /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1]?.trim();

export const headerText = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value)?.trim();
