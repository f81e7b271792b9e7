// A local stand-in for the three LLM providers: it speaks their protocols, so that the official SDKs connect unchanged.
// It has a character, which follows from a seed: it may think, decide, object, ask and err. What it lacks is listed in local/README.md.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveAdmin } from './admin.ts';
import { calm, type CharacterOptions, readCharacter } from './character.ts';
import { DefectPlan, type DefectRule } from './defects.ts';
import { FaultPlan, type FaultRule } from './faults.ts';
import { type LlmRequestRecord, RequestLog } from './request-log.ts';
import { type Providers, serveProvider } from './server.ts';
import { PrefixCache } from './usage.ts';

export { calm, type CharacterOptions, characterFromText } from './character.ts';
export type { DefectRule } from './defects.ts';
export type { FaultRule, PlainFaultKind } from './faults.ts';
export type { LlmRequestRecord } from './request-log.ts';

export interface LlmProvidersOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  /** Before an answer begins, in milliseconds; 0 also streams without pauses. Default: 20 to 60, depending on the request. */
  readonly latencyMs?: number;
  /** What kind of model answers. Default: `calm`, which thinks, states, doubts and errs never. */
  readonly character?: CharacterOptions | 'calm' | 'natural';
}

export interface LlmProviders {
  /** The base of all: SDKs get `<url>/anthropic`, `<url>/openai/v1`, `<url>/gemini`; the admin API is at `<url>` itself. */
  readonly url: string;
  readonly port: number;
  /** The latest requests, oldest first. */
  requests(): LlmRequestRecord[];
  /** Replaces the fault rules. Throws a ZodError when one does not fit. */
  setFaults(rules: readonly FaultRule[]): void;
  /** Replaces the rules for defects in artifacts. Throws a ZodError when one does not fit. */
  setDefects(rules: readonly DefectRule[]): void;
  /** From now on, another character answers. Throws a ZodError when it does not fit. */
  setCharacter(character: CharacterOptions | 'calm' | 'natural'): void;
  /** Closes every connection, also those that hang. */
  stop(): Promise<void>;
}

const handle = async (providers: Providers, request: IncomingMessage, response: ServerResponse) => {
  const exchange = { request, response, url: new URL(request.url ?? '/', 'http://stand-in') };
  if (await serveAdmin(providers, exchange)) return;
  await serveProvider(providers, exchange, `req_${randomUUID().replaceAll('-', '')}`);
};

const reportBug = (error: unknown, response: ServerResponse) => {
  console.error('The LLM stand-in failed:', error);
  if (response.headersSent) response.destroy();
  else response.writeHead(500).end();
};

/** Starts the stand-in. Rejects when the port is taken. */
export const startLlmProviders = async (options: LlmProvidersOptions = {}): Promise<LlmProviders> => {
  const { host = '127.0.0.1', port = 0, latencyMs, character = calm } = options;
  const providers: Providers = {
    log: new RequestLog(),
    faults: new FaultPlan(),
    defects: new DefectPlan(),
    prefixes: new PrefixCache(),
    mood: { character: readCharacter(character) },
    latencyMs,
  };
  const server = createServer((request, response) => {
    handle(providers, request, response).catch((error: unknown) => reportBug(error, response));
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    requests: () => providers.log.list(),
    setFaults: (rules) => providers.faults.setRules(rules),
    setDefects: (rules) => providers.defects.setRules(rules),
    setCharacter: (next) => {
      providers.mood.character = readCharacter(next);
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
