// Passes an HTTPS request on to an instance and its answer back, byte by byte as they come, so that streams stay streams.
// Whoever hangs up first, the other side learns of it.
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Instance } from './instance.ts';

export interface ProxyOptions {
  readonly path: string;
  /** The platform ends a request after this time, answered or not. */
  readonly timeoutMs: number;
}

/** Resolves when the exchange is over, however it ended. */
export const proxy = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  instance: Instance,
  { path, timeoutMs }: ProxyOptions,
): Promise<void> =>
  new Promise((resolve) => {
    const upstream = request({
      agent: instance.agent,
      host: '127.0.0.1',
      port: instance.port,
      method: incoming.method,
      path,
      headers: forwarded(incoming),
    });
    const timer = setTimeout(() => {
      answer(outgoing, 504, 'The function did not answer in time.');
      upstream.destroy();
    }, timeoutMs);
    outgoing.on('close', () => {
      clearTimeout(timer);
      upstream.destroy();
      resolve();
    });
    upstream.on('error', () => answer(outgoing, 503, 'The instance that handled the request died.'));
    upstream.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, endToEnd(response.rawHeaders));
      outgoing.flushHeaders();
      response.on('error', () => outgoing.destroy());
      response.pipe(outgoing);
    });
    incoming.pipe(upstream);
  });

/** Answers with a problem of the platform's own, or cuts the connection when an answer has begun. */
export const answer = (outgoing: ServerResponse, status: number, title: string): void => {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const retryLater = status === 503 ? { 'retry-after': '1' } : {};
  outgoing.writeHead(status, { 'content-type': 'application/problem+json', ...retryLater });
  outgoing.end(JSON.stringify({ type: 'about:blank', title, status }));
};

const forwarded = (incoming: IncomingMessage): NodeJS.Dict<string | string[]> => {
  const { 'x-forwarded-for': earlier, ...headers } = incoming.headers;
  const client = incoming.socket.remoteAddress ?? '127.0.0.1';
  return {
    ...headers,
    'x-forwarded-for': earlier === undefined ? client : `${String(earlier)}, ${client}`,
    'x-forwarded-proto': 'http',
  };
};

// RFC 9110, 7.6.1: these belong to one connection.
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'proxy-connection',
]);

const endToEnd = (rawHeaders: readonly string[]): string[] =>
  rawHeaders.filter((_, index) => !hopByHop.has((rawHeaders[index - (index % 2)] ?? '').toLowerCase()));
