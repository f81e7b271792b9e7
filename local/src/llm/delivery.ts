// Puts a reply onto the wire, at the pace of a model, with the fault that was asked for.
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Dialect, EventStream, Failure } from './dialects/dialect.ts';
import { failureOf, headersOfFault, proxyPages } from './failures.ts';
import type { Fault, FaultKind } from './faults.ts';
import { headersOf } from './headers.ts';
import type { Outcome } from './request-log.ts';
import { Wire } from './wire.ts';

export interface Pace {
  /** Before the answer, or before a stream's first piece, thinking included. */
  readonly firstMs: number;
  /** Between two pieces of a stream. */
  readonly pieceMs: number;
  /** For all pieces; a body that is not streamed waits for them. */
  readonly contentMs: number;
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

/** Answers with the provider's own error. */
export const sendFailure = (
  delivery: Pick<Delivery, 'response' | 'dialect' | 'requestId'>,
  failure: Failure,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const { status, body } = delivery.dialect.error(failure, delivery.requestId);
  delivery.response
    .writeHead(status, { ...headersOf(delivery, 'application/json'), ...headers })
    .end(JSON.stringify(body));
};

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

const sendPage = ({ response }: Delivery, { status, title }: { readonly status: number; readonly title: string }) =>
  response
    .writeHead(status, { 'content-type': 'text/html' })
    .end(
      `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body><h1>${status} ${title}</h1></body>\r\n</html>\r\n`,
    );

/** Plays a fault that comes before an answer; undefined when it leaves room for one. */
export const playBeforeAnswer = async (delivery: Delivery): Promise<Outcome | undefined> => {
  const { fault, response, released, signal, dialect } = delivery;
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
  const page = proxyPages[fault.kind];
  const failure = failureOf(fault, dialect.provider);
  if (page) sendPage(delivery, page);
  else if (failure) sendFailure(delivery, failure, headersOfFault(fault, dialect.provider));
  else return undefined;
  return 'faulted';
};

const pause = async (ms: number, signal: AbortSignal) => {
  if (ms > 0) await delay(ms, undefined, { signal });
};

/** Before the response begins. */
const headDelay = ({ fault }: Delivery) => (fault?.kind === 'latency' ? fault.ms : 0);

/** Before the answer itself. */
const contentDelay = ({ fault, pace }: Delivery) => (fault?.kind === 'slow-first-token' ? fault.ms : pace.firstMs);

/** Kinds that break the answer off, one way or another. */
const breakingKinds = ['stall', 'cut', 'truncate', 'stream-error', 'text-code-error', 'malformed-chunk'] as const;
type Breaking = Fault & { readonly kind: (typeof breakingKinds)[number] };

/** Kinds after which the answer is in good order, and not the one that was asked for. */
const spoilt: ReadonlySet<FaultKind> = new Set([
  'garbage',
  'half-json',
  'content-filter',
  'refusal',
  'late-refusal',
  'empty',
  'pause-turn',
  'no-usage',
  'injection',
  'cut-at',
]);

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

const isBreaking = (fault: Fault | undefined): fault is Breaking => breakingKinds.some((kind) => kind === fault?.kind);

/** Sends an answer in one piece. */
export const sendBody = async (delivery: Delivery, body: unknown): Promise<Outcome> => {
  const { response, fault, pace, signal } = delivery;
  await pause(headDelay(delivery) + contentDelay(delivery) + pace.contentMs, signal);
  const text = JSON.stringify(body);
  const headers = headersOf(delivery, 'application/json');
  if (isBreaking(fault)) return breakBody(delivery, text, fault);
  if (fault?.kind === 'early-error') {
    sendFailure(delivery, overloaded);
    return 'faulted';
  }
  const isWhole = fault?.kind !== 'cut-at' && fault?.kind !== 'fragments';
  response.writeHead(200, { ...headers, ...(isWhole && { 'content-length': Buffer.byteLength(text) }) });
  const wire = new Wire(response, fault);
  await wire.write(text);
  await wire.end();
  return outcomeOf(delivery);
};

/** Half of the body, and then what the fault says; without a length, as nobody knows how much is to come. */
const breakBody = async (delivery: Delivery, text: string, { kind }: Breaking): Promise<Outcome> => {
  const { response, signal } = delivery;
  const start = text.slice(0, Math.ceil(text.length / 2));
  response.writeHead(200, headersOf(delivery, 'application/json'));
  if (kind === 'stall') {
    response.write(start);
    await aborted(signal);
    return 'aborted';
  }
  if (kind === 'cut' || kind === 'stream-error' || kind === 'text-code-error') await cut(response, start);
  else response.end(start);
  return 'faulted';
};

const PING_MS = 15_000;

/** Says nothing for so long, but for the pings of a provider that sends some. */
const silence = async ({ fault, signal, dialect }: Delivery, wire: Wire, ms: number) => {
  const pingMs = fault?.kind === 'slow-first-token' ? fault.pingMs : PING_MS;
  for (let left = ms; left > 0; left -= pingMs) {
    await pause(Math.min(left, pingMs), signal);
    if (left > pingMs && dialect.ping !== undefined) await wire.write(dialect.ping);
  }
};

/** An event of an unknown kind after each of the given ones. */
const interspersed = ({ fault, dialect }: Delivery, events: readonly string[]): readonly string[] =>
  fault?.kind === 'unknown-events' ? events.flatMap((each) => [each, ...dialect.unknownEvents]) : events;

/** Writes the pieces one by one; without a pace they leave together. */
const writePieces = async ({ pace, signal, fault }: Delivery, wire: Wire, pieces: readonly string[]) => {
  if (pace.pieceMs === 0 && fault?.kind !== 'gap') return wire.write(pieces.join(''));
  const middle = Math.floor(pieces.length / 2);
  for (const [index, piece] of pieces.entries()) {
    if (fault?.kind === 'gap' && index === middle) await pause(fault.ms, signal);
    await wire.write(piece);
    await pause(pace.pieceMs, signal);
  }
};

/** Sends an answer as server-sent events. */
export const sendStream = async (delivery: Delivery, stream: EventStream): Promise<Outcome> => {
  const { response, fault, signal } = delivery;
  await pause(headDelay(delivery), signal);
  response.writeHead(200, { ...headersOf(delivery, 'text/event-stream; charset=utf-8'), 'cache-control': 'no-cache' });
  response.flushHeaders();
  const wire = new Wire(response, fault);
  await wire.write(stream.opening.join(''));
  if (fault?.kind === 'early-error') return endWith(delivery, errorOf(delivery));
  await silence(delivery, wire, contentDelay(delivery));
  await wire.write(interspersed(delivery, [...stream.thinking, ...stream.begin]).join(''));
  const content = isBreaking(fault) ? half(stream.content) : stream.content;
  await writePieces(delivery, wire, interspersed(delivery, content));
  if (isBreaking(fault)) return breakStream(delivery, stream, fault);
  await wire.write(stream.closing.join(''));
  await wire.end();
  return outcomeOf(delivery);
};

const overloaded: Failure = { kind: 'overloaded', message: 'The service is overloaded (a fault of the stand-in).' };

const errorOf = ({ dialect, requestId }: Delivery, wordy = false) => dialect.errorEvent(overloaded, requestId, wordy);

const endWith = ({ response }: Delivery, last: string): Outcome => {
  response.end(last);
  return 'faulted';
};

const breakStream = async (
  delivery: Delivery,
  { content, closing }: EventStream,
  { kind }: Breaking,
): Promise<Outcome> => {
  const { response, signal } = delivery;
  if (kind === 'stall') {
    await aborted(signal);
    return 'aborted';
  }
  if (kind === 'cut') {
    await cut(response, ': cut\n\n');
    return 'faulted';
  }
  if (kind === 'truncate') return endWith(delivery, '');
  if (kind !== 'malformed-chunk') return endWith(delivery, errorOf(delivery, kind === 'text-code-error'));
  // The JSON of one more chunk breaks off; after it the stream goes on as if nothing had happened.
  const chunk = content.at(-1) ?? 'data: {}\n\n';
  return endWith(delivery, [`${chunk.slice(0, -'"}}\n\n'.length)}\n\n`, ...closing].join(''));
};
