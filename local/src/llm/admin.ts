// The control API: what was asked, which faults to play, which defects to put into artifacts, and what kind of model answers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { readCharacter } from './character.ts';
import type { Providers } from './server.ts';

const send = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

interface Setting {
  readonly show: (providers: Providers) => unknown;
  /** Throws a ZodError. */
  readonly set: (providers: Providers, value: unknown) => void;
}

const rules = z.array(z.unknown());

const settings: Readonly<Partial<Record<string, Setting>>> = {
  '/faults': {
    show: ({ faults }) => ({ faults: faults.list() }),
    set: ({ faults }, value) => faults.setRules(rules.parse(value)),
  },
  '/defects': {
    show: ({ defects }) => ({ defects: defects.list() }),
    set: ({ defects }, value) => defects.setRules(rules.parse(value)),
  },
  '/character': {
    show: ({ mood }) => ({ character: mood.character }),
    set: ({ mood }, value) => {
      mood.character = readCharacter(value);
    },
  },
};

const change = async (setting: Setting, providers: Providers, exchange: Exchange) => {
  try {
    setting.set(providers, await json(exchange.request));
    send(exchange.response, 200, setting.show(providers));
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
    send(exchange.response, 400, { error: error instanceof z.ZodError ? z.prettifyError(error) : error.message });
  }
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** Answers a request to the control API; false when its path is not one of them. */
export const serveAdmin = async (providers: Providers, exchange: Exchange): Promise<boolean> => {
  const { request, response, url } = exchange;
  const setting = settings[url.pathname];
  if (setting && request.method === 'GET') {
    send(response, 200, setting.show(providers));
    return true;
  }
  if (setting && request.method === 'PUT') {
    await change(setting, providers, exchange);
    return true;
  }
  if (url.pathname !== '/requests') return false;
  if (request.method === 'GET') send(response, 200, { requests: providers.log.list() });
  else if (request.method === 'DELETE') {
    providers.log.clear();
    response.writeHead(204).end();
  } else return false;
  return true;
};
