// One provider's protocol: how a request is read, and how answers and errors are written.
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../answer.ts';
import type { Prompt, Provider } from '../prompt.ts';

export type FailureKind =
  | 'unauthenticated'
  | 'invalid'
  | 'not-found'
  | 'too-large'
  | 'context-length'
  | 'rate-limited'
  | 'overloaded'
  | 'internal';

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
}

export interface ErrorReply {
  readonly status: number;
  readonly body: unknown;
}

/** The events of a streamed answer, each the complete text of one: the content lies between the other two. */
export interface EventStream {
  readonly opening: readonly string[];
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
  /** Reads a request. Throws a ZodError when the body does not fit. */
  parse(body: unknown, address: Address): Prompt;
  body(prompt: Prompt, answer: Answer): unknown;
  stream(prompt: Prompt, answer: Answer): EventStream;
  error(failure: Failure, requestId: string): ErrorReply;
  /** An error within a stream that has begun. */
  errorEvent(failure: Failure, requestId: string): string;
}

/** How finely a stream is cut: a long answer comes in larger pieces, not in more of them. */
export const STREAM_PIECES = 24;

export const event = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

export const bearer = (headers: IncomingHttpHeaders): string | undefined =>
  /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1]?.trim();

export const headerText = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value)?.trim();
