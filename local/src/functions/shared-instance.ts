// An instance that serves all functions: the program of a child process. Each function gets a server of the
// functions-framework, so that body parsing, rawBody and CloudEvents are the production layer's; this file only listens
// and dispatches by the first segment of the path, which the function does not see.
//
// Arguments: the built module's path, then `name=entryPoint=signature` for each function.
import { cloudEvent, http, type CloudEventFunction, type HttpFunction } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';

const [modulePath = '', ...targets] = process.argv.slice(2);
const codebase: unknown = await import(pathToFileURL(modulePath).href);

const exported = (entryPoint: string): unknown =>
  entryPoint.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], codebase);

const serverOf = (target: string): [string, Server] => {
  const [name = '', entryPoint = '', signature] = target.split('=');
  if (signature === 'http') http(name, exported(entryPoint) as HttpFunction);
  else cloudEvent(name, exported(entryPoint) as CloudEventFunction);
  return [name, getTestServer(name)];
};

const servers = new Map(targets.map(serverOf));

// Requests last as long as the host lets them; idle connections to the host are kept for its next request.
const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
  const [, name = '', rest = ''] = /^\/([^/?]*)(.*)$/s.exec(request.url ?? '') ?? [];
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  const target = servers.get(name);
  if (target) target.emit('request', request, response);
  else response.writeHead(404).end();
});

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
