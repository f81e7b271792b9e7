// The functions-framework, whose server calls our functions, parses and inflates bodies of up to 1 GiB before it does, and answers
// what it cannot parse with a page of HTML. We cannot change its server, but Node tells us of each server of the process before it
// listens: the guard then puts itself before the framework (docs/adr/0022-a-guard-before-the-framework.md).
//
// 1. No body is inflated, and none is read beyond its limit, announced or not.
// 2. A request to the API reaches the framework with its body read: `rawBody` is there, and the framework's parsers find nothing to do.
// 3. Every refusal is a problem.
import { subscribe } from 'node:diagnostics_channel';
import { Server, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../errors.ts';
import { httpErrors } from './errors.ts';
import { refuse, refuseOnSocket } from './plain-answer.ts';
import { maxBodyBytes, maxEventBytes, refusalOf, tooLarge } from './request-limits.ts';

export interface GuardOptions {
  /** Whether a request is an event for one of our functions, and none for the API. */
  readonly isEvent: (request: IncomingMessage) => boolean;
  /** Whether pages of the origin may read an answer. */
  readonly allowsOrigin: (origin: string) => boolean;
  /** All headers must have come by then, the whole request by then. */
  readonly headersMs?: number;
  readonly requestMs?: number;
}

/** A request, and how to say no to it. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly refuse: (error: AppError) => void;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

const defaultHeadersMs = 20_000;
const defaultRequestMs = 60_000;

/** Guards each HTTP server of the process that begins to listen from now on. */
export const guardServers = (options: GuardOptions): void => {
  subscribe('tracing:net.server.listen:asyncStart', (message) => {
    const { server } = message as { readonly server: object };
    if (isHttpServer(server)) guardServer(server, options);
  });
};

const isHttpServer = (server: object): server is Server => server instanceof Server;

/** Puts the guard before the listeners that the server has. */
export const guardServer = (server: Server, options: GuardOptions): void => {
  const { isEvent, allowsOrigin, headersMs = defaultHeadersMs, requestMs = defaultRequestMs } = options;
  const framework = server.listeners('request') as Listener[];
  const pass: Listener = (request, response) => {
    for (const listener of framework) listener.call(server, request, response);
  };
  const answering = new WeakMap<Socket, ServerResponse>();
  const guard: Listener = (request, response) => {
    answering.set(request.socket, response);
    const exchange = { request, refuse: (error: AppError) => refuse(error, { request, response, allowsOrigin }) };
    const event = isEvent(request);
    const refusal = refusalOfRequest(request, event ? maxEventBytes : maxBodyBytes);
    if (refusal) exchange.refuse(refusal);
    else (event ? admitEvent : admitCall)(exchange, () => pass(request, response));
  };
  server.removeAllListeners('request');
  server.on('request', guard);
  // Without a listener Node answers these two itself, without a problem.
  server.on('checkExpectation', guard);
  Object.assign(server, { requireHostHeader: false });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseUnread(error, socket, answering.get(socket)),
  );
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
};

// The framework reads an event itself, and may answer at any moment: all that is safe to do meanwhile is to hang up. Node holds the
// body to its announced length; one without is counted as it comes.
const admitEvent = ({ request }: Exchange, pass: () => void): void => {
  if (hasBody(request) && request.headers['content-length'] === undefined) {
    count(request, { maxBytes: maxEventBytes, beyond: () => request.socket.destroy() });
  }
  pass();
};

const admitCall = ({ request, refuse }: Exchange, pass: () => void): void => {
  if (!hasBody(request)) return pass();
  const chunks: Buffer[] = [];
  const end = () => {
    Object.assign(request, { rawBody: Buffer.concat(chunks) });
    pass();
  };
  const beyond = () => {
    chunks.length = 0;
    request.off('end', end);
    refuse(tooLarge(maxBodyBytes));
  };
  count(request, { maxBytes: maxBodyBytes, take: (chunk) => chunks.push(chunk), beyond });
  request.once('end', end);
};

interface Counting {
  readonly maxBytes: number;
  readonly take?: (chunk: Buffer) => void;
  /** Called once, when more bytes have come; none is taken after that. */
  readonly beyond: () => void;
}

const count = (request: IncomingMessage, { maxBytes, take, beyond }: Counting): void => {
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) take?.(chunk);
    else {
      request.off('data', onData);
      beyond();
    }
  };
  request.on('data', onData);
};

const refusalOfRequest = ({ method = '', url = '', headers, rawHeaders }: IncomingMessage, maxBytes: number) =>
  refusalOf({ method, url, headers, rawHeaders }, maxBytes);

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Answers what Node itself could not read, or not in time; nothing can be said once an answer has begun. */
const refuseUnread = (error: NodeJS.ErrnoException, socket: Socket, response: ServerResponse | undefined): void => {
  const begun = response?.headersSent === true && !response.writableFinished;
  if (begun || !socket.writable || error.code === 'ECONNRESET') socket.destroy();
  else refuseOnSocket(unreadable(error.code), socket);
};

const unreadable = (code: string | undefined): AppError => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new AppError(httpErrors.headersTooLarge, { detail: 'At most 16 KiB with the URL.' });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError(httpErrors.requestTimeout);
  return new AppError(httpErrors.malformedRequest, { detail: 'It cannot be read as HTTP/1.1.' });
};
