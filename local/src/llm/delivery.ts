// Puts a reply onto the wire, at the pace of a model, with the fault that was asked for.
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Dialect, EventStream, Failure } from './dialects/dialect.ts';
import type { Fault, FaultKind } from './faults.ts';
import type { Outcome } from './request-log.ts';

export interface Pace {
  /** Before the answer, or before a stream's first piece. */
  readonly firstMs: number;
  /** Between two pieces of a stream. */
  readonly pieceMs: number;
}

export interface Delivery {
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  readonly requestId: string;
  readonly fault: Fault | undefined;
  readonly pace: Pace;
  /** Aborted when what is held may go. */
  readonly released: AbortSignal;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

const retryAfter = (seconds: number | undefined) => (seconds === undefined ? {} : { 'retry-after': String(seconds) });

const requestIdHeader = { anthropic: 'request-id', openai: 'x-request-id', google: 'x-request-id' } as const;

const headersOf = ({ dialect, requestId }: Pick<Delivery, 'dialect' | 'requestId'>, type: string) => ({
  'content-type': type,
  [requestIdHeader[dialect.provider]]: requestId,
});

/** Answers with the provider's own error; `retryAfterSeconds` says when to come back. */
export const sendFailure = (
  delivery: Pick<Delivery, 'response' | 'dialect' | 'requestId'>,
  failure: Failure,
  retryAfterSeconds?: number,
): void => {
  const { status, body } = delivery.dialect.error(failure, delivery.requestId);
  delivery.response
    .writeHead(status, { ...headersOf(delivery, 'application/json'), ...retryAfter(retryAfterSeconds) })
    .end(JSON.stringify(body));
};

const overloaded: Failure = { kind: 'overloaded', message: 'The service is overloaded (a fault of the stand-in).' };

const failures: Readonly<Partial<Record<FaultKind, Failure>>> = {
  '401': { kind: 'unauthenticated', message: 'The API key is not valid (a fault of the stand-in).' },
  '429': { kind: 'rate-limited', message: 'Too many requests (a fault of the stand-in).' },
  '500': { kind: 'internal', message: 'Something went wrong (a fault of the stand-in).' },
  '529': overloaded,
  'context-length': { kind: 'context-length', message: 'The prompt is too long (a fault of the stand-in).' },
};

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Plays a fault that comes before an answer; undefined when it leaves room for one. */
export const playBeforeAnswer = async (delivery: Delivery): Promise<Outcome | undefined> => {
  const { fault, response, released, signal } = delivery;
  if (!fault) return undefined;
  if (fault.kind === 'reset') {
    response.socket?.resetAndDestroy();
    return 'faulted';
  }
  if (fault.kind === 'hang') {
    await aborted(signal);
    return 'aborted';
  }
  if (fault.kind === 'hold') await Promise.race([aborted(released), aborted(signal)]);
  const failure = failures[fault.kind];
  if (!failure) return undefined;
  sendFailure(delivery, failure, fault.kind === '429' ? fault.retryAfterSeconds : undefined);
  return 'faulted';
};

const pause = async (ms: number, signal: AbortSignal) => {
  if (ms > 0) await delay(ms, undefined, { signal });
};

/** Before the response begins. */
const headDelay = ({ fault }: Delivery) => (fault?.kind === 'latency' ? fault.ms : 0);

/** Before the answer itself. */
const contentDelay = ({ fault, pace }: Delivery) => (fault?.kind === 'slow-first-token' ? fault.ms : pace.firstMs);

const spoilt: ReadonlySet<FaultKind> = new Set(['garbage', 'half-json', 'content-filter', 'injection']);

const outcomeOf = ({ fault }: Delivery): Outcome => (fault && spoilt.has(fault.kind) ? 'faulted' : 'answered');

const half = <T>(items: readonly T[]) => items.slice(0, Math.ceil(items.length / 2));

/** Destroys the connection once what was written has left. */
const cut = (response: ServerResponse, text: string) =>
  new Promise<void>((resolve) => {
    response.write(text, () => {
      response.socket?.destroy();
      resolve();
    });
  });

/** Kinds that break the answer off, one way or another. */
const breaking: ReadonlySet<FaultKind> = new Set(['stall', 'cut', 'truncate', 'stream-error', 'malformed-chunk']);

const isBreaking = (fault: Fault | undefined): fault is Fault => fault !== undefined && breaking.has(fault.kind);

/** Sends an answer in one piece. */
export const sendBody = async (delivery: Delivery, body: unknown): Promise<Outcome> => {
  const { response, fault, signal } = delivery;
  await pause(headDelay(delivery) + contentDelay(delivery), signal);
  const text = JSON.stringify(body);
  const headers = { ...headersOf(delivery, 'application/json'), 'content-length': Buffer.byteLength(text) };
  if (isBreaking(fault)) return breakBody(delivery, text, fault);
  response.writeHead(200, headers).end(text);
  return outcomeOf(delivery);
};

/** Half of the body, and then what the fault says; without a length, as nobody knows how much is to come. */
const breakBody = async (delivery: Delivery, text: string, { kind }: Fault): Promise<Outcome> => {
  const { response, signal } = delivery;
  const start = text.slice(0, Math.ceil(text.length / 2));
  response.writeHead(200, headersOf(delivery, 'application/json'));
  if (kind === 'stall') {
    response.write(start);
    await aborted(signal);
    return 'aborted';
  }
  if (kind === 'cut' || kind === 'stream-error') await cut(response, start);
  else response.end(start);
  return 'faulted';
};

/** Writes the pieces one by one; without a pace they leave together. */
const writePieces = async ({ response, pace, signal }: Delivery, pieces: readonly string[]) => {
  if (pace.pieceMs === 0) return void response.write(pieces.join(''));
  for (const piece of pieces) {
    response.write(piece);
    await pause(pace.pieceMs, signal);
  }
};

/** Sends an answer as server-sent events. */
export const sendStream = async (delivery: Delivery, stream: EventStream): Promise<Outcome> => {
  const { response, fault, signal } = delivery;
  await pause(headDelay(delivery), signal);
  response.writeHead(200, { ...headersOf(delivery, 'text/event-stream; charset=utf-8'), 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (stream.opening.length > 0) response.write(stream.opening.join(''));
  await pause(contentDelay(delivery), signal);
  const content = isBreaking(fault) ? half(stream.content) : stream.content;
  if (content.length > 0) await writePieces(delivery, content);
  if (isBreaking(fault)) return breakStream(delivery, stream, fault);
  response.end(stream.closing.join(''));
  return outcomeOf(delivery);
};

const breakStream = async (delivery: Delivery, stream: EventStream, { kind }: Fault): Promise<Outcome> => {
  const { response, dialect, requestId, signal } = delivery;
  if (kind === 'stall') {
    await aborted(signal);
    return 'aborted';
  }
  if (kind === 'cut') {
    await cut(response, ': cut\n\n');
    return 'faulted';
  }
  response.end(brokenEnding(kind, stream, dialect.errorEvent(overloaded, requestId)));
  return 'faulted';
};

const brokenEnding = (kind: FaultKind, { content, closing }: EventStream, errorEvent: string) => {
  if (kind === 'truncate') return '';
  if (kind === 'stream-error') return errorEvent;
  // The JSON of one more chunk breaks off; after it the stream goes on as if nothing had happened.
  const chunk = content.at(-1) ?? 'data: {}\n\n';
  return [`${chunk.slice(0, -'"}}\n\n'.length)}\n\n`, ...closing].join('');
};
