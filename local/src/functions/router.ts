// The host's HTTP server: HTTPS functions, schedules fired by hand, and what the Firestore emulator calls back.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Events } from './events.ts';
import type { FunctionSpec } from './manifest.ts';
import type { Pool } from './pool.ts';
import { answer, proxy } from './proxy.ts';

export interface RouterOptions {
  readonly project: string;
  readonly functions: () => readonly FunctionSpec[];
  readonly poolOf: (functionName: string) => Pool | undefined;
  readonly events: () => Events | undefined;
}

/** How long a request waits while no instance is alive. */
const patienceMs = 10_000;

export const makeRouter = (options: RouterOptions): RequestListener => {
  const { project, functions, poolOf, events } = options;

  const callFunction = async (request: IncomingMessage, response: ServerResponse, target: HttpTarget) => {
    const spec = functions().find(({ name, region, trigger }) => {
      return trigger.kind === 'https' && name === target.name && region === target.region;
    });
    const pool = poolOf(target.name);
    if (!spec || !pool || target.project !== project) {
      answer(response, 404, `There is no HTTPS function at /${target.project}/${target.region}/${target.name}.`);
      return;
    }
    const hungUp = new AbortController();
    response.on('close', () => hungUp.abort());
    const waiting = AbortSignal.any([AbortSignal.timeout(patienceMs), hungUp.signal]);
    await pool
      .use(async (instance) => {
        const path = instance.pathOf(spec.name, target.rest);
        await proxy(request, response, instance, { path, timeoutMs: spec.timeoutMs });
      }, waiting)
      .catch(() => answer(response, 503, 'No instance of the function is running.'));
  };

  const fireSchedule = async (response: ServerResponse, name: string) => {
    const firing = events()?.schedules.fire(name);
    if (!firing) {
      const known = events()?.schedules.names.join(', ');
      answer(response, 404, `There is no schedule ${name}. Schedules: ${known ?? 'none yet, the suite is starting'}.`);
      return;
    }
    const delivered = await firing;
    const status = delivered.outcome === 'succeeded' ? 200 : 502;
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ schedule: name, ...delivered }));
  };

  const takeDocumentEvent = async (request: IncomingMessage, response: ServerResponse, key: string) => {
    const accepted = events()?.firestore.accept(key, request.headers, await buffer(request));
    response.writeHead(accepted ? 200 : 404).end();
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? '/';
    const [, trigger] = /^\/functions\/projects\/[^/]+\/triggers\/([^/?]+)$/.exec(url) ?? [];
    if (trigger !== undefined) return takeDocumentEvent(request, response, trigger);
    const [, schedule] = /^\/schedules\/([^/?]+)$/.exec(url) ?? [];
    if (schedule !== undefined && request.method === 'POST') return fireSchedule(response, schedule);
    return callFunction(request, response, readTarget(url));
  };

  return (request, response) => {
    route(request, response).catch(() => answer(response, 503, 'The suite is stopping.'));
  };
};

interface HttpTarget {
  readonly project: string;
  readonly region: string;
  readonly name: string;
  /** Path and query as the function sees them. */
  readonly rest: string;
}

const readTarget = (url: string): HttpTarget => {
  const [, project = '', region = '', name = '', rest = ''] = /^\/([^/?]*)\/([^/?]*)\/([^/?]*)(.*)$/s.exec(url) ?? [];
  return { project, region, name, rest: rest.startsWith('/') ? rest : `/${rest}` };
};
