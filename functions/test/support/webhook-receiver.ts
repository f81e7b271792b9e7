// What a user of our webhooks runs: a real server that keeps every request as it came and answers as the test says.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSignedCertificate } from './self-signed-certificate.ts';

export interface ReceivedWebhook {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `hang`: never answers. `stall`: sends the head and then nothing. `cut`: drops the connection instead of answering. */
export type Behaviour = Answer | 'hang' | 'stall' | 'cut';

export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  /** PEM of its certificate; empty for http. */
  readonly certificate: string;
  readonly requests: readonly ReceivedWebhook[];
  /** What it does with a request; at first 204. */
  answer: (request: ReceivedWebhook) => Behaviour;
  /** Connections that were ever opened, with or without a request. */
  connections(): number;
  stop(): Promise<void>;
}

/** Starts a receiver at `localhost`. */
export const startWebhookReceiver = async (protocol: 'http' | 'https' = 'http'): Promise<WebhookReceiver> => {
  const requests: ReceivedWebhook[] = [];
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const received = { method, path, headers, body: Buffer.concat(chunks).toString() };
      requests.push(received);
      behave(response, receiver.answer(received));
    });
  };
  const { key, cert } = protocol === 'https' ? selfSignedCertificate() : { key: '', cert: '' };
  const server = protocol === 'https' ? createTlsServer({ key, cert }, listener) : createServer(listener);
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const receiver: WebhookReceiver = {
    url: `${protocol}://localhost:${(server.address() as AddressInfo).port}/hook`,
    certificate: cert,
    requests,
    answer: () => ({ status: 204 }),
    connections: () => connections,
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return receiver;
};

const behave = (response: ServerResponse, behaviour: Behaviour): void => {
  if (behaviour === 'hang') return;
  if (behaviour === 'cut') return void response.destroy();
  if (behaviour === 'stall') return void response.writeHead(200, { 'content-length': '10' }).write('half');
  response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
};
