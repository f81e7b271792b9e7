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

/** `hang`: never answers. `stall`: sends the head and half of the body, then nothing. `cut`: the same, then drops the connection. */
export type Reply = HttpReply | 'hang' | { readonly stall: unknown } | { readonly cut: unknown };

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
  if ('body' in reply) sendWhole(response, reply);
  else sendHalf(response, reply);
};

const sendWhole = (response: ServerResponse, { status = 200, headers = {}, body }: HttpReply) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

const sendHalf = (response: ServerResponse, reply: { readonly stall: unknown } | { readonly cut: unknown }) => {
  const text = JSON.stringify('cut' in reply ? reply.cut : reply.stall);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2), () => {
    if ('cut' in reply) response.destroy();
  });
};
