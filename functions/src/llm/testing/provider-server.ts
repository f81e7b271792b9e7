// A real HTTP server for tests of the adapters and the gateway: it gives the replies that a test queues, in order.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

/**
 * `hang`: never answers. `stall`: sends the head and a part of the body, then nothing. `cut`: the same, then drops the connection. `end`: the
 * same, then ends in good order, as a proxy does whose server is gone. `pings`: the head, then a comment again and again, for ever.
 */
export type Reply = HttpReply | 'hang' | 'pings' | Part<'stall'> | Part<'cut'> | Part<'end'>;

type Ending = 'stall' | 'cut' | 'end';
/** So much of the body is sent; by default half. */
type Part<K extends Ending> = Readonly<Record<K, unknown>> & { readonly percent?: number };

const PING_MS = 20;

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

export interface ProviderServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Resolves when the next request has arrived. */
  arrival(): Promise<void>;
}

/** Starts a server that answers the n-th request with the n-th reply, and further ones with status 418. */
export const startProviderServer = async (...replies: readonly Reply[]): Promise<ProviderServer> => {
  const requests: ReceivedRequest[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      send(response, replies[requests.length - 1] ?? { status: 418, body: {} });
      waiting.splice(0).forEach((arrived) => arrived());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    arrival: () => new Promise((resolve) => waiting.push(resolve)),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

/** The address of a server that is gone. */
export const unreachableUrl = async (): Promise<string> => {
  await using server = await startProviderServer();
  return server.url;
};

const send = (response: ServerResponse, reply: Reply) => {
  if (reply === 'hang') return;
  if (reply === 'pings') ping(response);
  else if ('body' in reply) sendWhole(response, reply);
  else sendPart(response, reply);
};

const textOf = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));

const sendWhole = (response: ServerResponse, { status = 200, headers = {}, body }: HttpReply) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(textOf(body));
};

const stream = { 'content-type': 'text/event-stream' };

const ping = (response: ServerResponse) => {
  response.writeHead(200, stream);
  const timer = setInterval(() => response.write(': ping\n\n'), PING_MS);
  response.on('close', () => clearInterval(timer));
};

const bodyOf = (reply: Part<'stall'> | Part<'cut'> | Part<'end'>): readonly [Ending, unknown] => {
  if ('stall' in reply) return ['stall', reply.stall];
  return 'cut' in reply ? ['cut', reply.cut] : ['end', reply.end];
};

const sendPart = (response: ServerResponse, reply: Part<'stall'> | Part<'cut'> | Part<'end'>) => {
  const [ending, body] = bodyOf(reply);
  const bytes = Buffer.from(textOf(body));
  response.writeHead(200, stream);
  response.write(bytes.subarray(0, Math.floor((bytes.length * (reply.percent ?? 50)) / 100)), () => {
    if (ending === 'cut') response.destroy();
    if (ending === 'end') response.end();
  });
};
