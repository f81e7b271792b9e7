// The admin API: what was asked, and which faults to play.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { Providers } from './server.ts';

const send = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const setFaults = async ({ faults }: Providers, request: IncomingMessage, response: ServerResponse) => {
  try {
    faults.setRules(z.array(z.unknown()).parse(await json(request)));
    send(response, 200, { faults: faults.list() });
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
    send(response, 400, { error: error instanceof z.ZodError ? z.prettifyError(error) : error.message });
  }
};

/** Answers a request to the admin API; false when its path is not one of them. */
export const serveAdmin = async (
  providers: Providers,
  { request, response, url }: { request: IncomingMessage; response: ServerResponse; url: URL },
): Promise<boolean> => {
  switch (`${request.method ?? ''} ${url.pathname}`) {
    case 'GET /requests':
      send(response, 200, { requests: providers.log.list() });
      return true;
    case 'DELETE /requests':
      providers.log.clear();
      response.writeHead(204).end();
      return true;
    case 'GET /faults':
      send(response, 200, { faults: providers.faults.list() });
      return true;
    case 'PUT /faults':
      await setFaults(providers, request, response);
      return true;
    default:
      return false;
  }
};
