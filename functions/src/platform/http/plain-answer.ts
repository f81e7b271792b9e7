// Says no on a bare response or socket, where there is no API yet.
import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { info } from 'firebase-functions/logger';
import type { AppError } from '../errors.ts';
import { problemMediaType, problemOf } from './problem-document.ts';

/** How long a refused body is thrown away, so that a client who still sends gets to read the answer. */
const drainMs = 2_000;

const headersOf = (error: AppError, requestId: string, body: string) => ({
  'Content-Type': problemMediaType,
  'Content-Length': String(Buffer.byteLength(body)),
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Request-Id': requestId,
  ...(error.row.retry === 'later' && { 'Retry-After': '1' }),
});

export interface Refused {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly allowsOrigin: (origin: string) => boolean;
}

/** Answers a request with a problem and throws its body away. */
export const refuse = (error: AppError, { request, response, allowsOrigin }: Refused): void => {
  const requestId = requestIdOf(request);
  const body = JSON.stringify(problemOf(error, requestId));
  const { origin } = request.headers;
  response.writeHead(error.row.status, {
    ...headersOf(error, requestId, body),
    ...(origin !== undefined && allowsOrigin(origin) && { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' }),
  });
  response.write(body);
  drain(request, () => response.end());
  log(error, requestId, request.method);
};

/** The same on a socket whose request could not be read. */
export const refuseOnSocket = (error: AppError, socket: Socket): void => {
  const requestId = randomUUID();
  const body = JSON.stringify(problemOf(error, requestId));
  const headers = Object.entries({ ...headersOf(error, requestId, body), Connection: 'close' });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${error.row.status} ${STATUS_CODES[error.row.status] ?? ''}\r\n${lines}\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), drainMs).unref();
  socket.once('close', () => clearTimeout(timer));
  log(error, requestId);
};

// As the API takes it.
const requestIdOf = ({ headers: { 'x-request-id': given } }: IncomingMessage): string =>
  typeof given === 'string' && /^[\w=-]{1,128}$/.test(given) ? given : randomUUID();

/** Throws away what still comes, for a while, and then ends the answer: Node closes a connection with the end of its last one. */
const drain = (request: IncomingMessage, end: () => void): void => {
  const timer = setTimeout(() => {
    end();
    request.socket.destroySoon();
  }, drainMs).unref();
  request.once('close', () => {
    clearTimeout(timer);
    end();
  });
  request.resume();
};

const log = ({ code, row }: AppError, requestId: string, method?: string): void =>
  info('request refused before it was read', { code, status: row.status, requestId, ...(method && { method }) });
