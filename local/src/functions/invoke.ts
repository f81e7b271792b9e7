// One attempt to hand an event to an instance.
import { request } from 'node:http';
import type { Attempt } from './delivery.ts';
import type { Instance } from './instance.ts';
import type { FunctionSpec } from './manifest.ts';

/** The HTTP request that production would make for an event. */
export interface EventRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Never rejects: whatever happens is an outcome. A connection that breaks means that the instance died. */
export const invoke = async (instance: Instance, spec: FunctionSpec, event: EventRequest): Promise<Attempt> =>
  new Promise((resolve) => {
    const outgoing = request({
      agent: instance.agent,
      host: '127.0.0.1',
      port: instance.port,
      method: 'POST',
      path: instance.pathOf(spec.name, '/'),
      headers: { ...event.headers, 'content-length': event.body.length },
    });
    const settle = (attempt: Attempt) => {
      clearTimeout(timer);
      resolve(attempt);
    };
    const timer = setTimeout(() => {
      settle({ outcome: 'failed', reason: `no answer within ${spec.timeoutMs / 1000} s` });
      outgoing.destroy();
    }, spec.timeoutMs);
    const interrupted = (error: Error) => settle({ outcome: 'interrupted', reason: error.message });
    outgoing.on('error', interrupted);
    outgoing.on('response', (response) => {
      response.on('error', interrupted);
      response.on('end', () => settle(judge(response.statusCode ?? 0)));
      response.resume();
    });
    outgoing.end(event.body);
  });

const judge = (status: number): Attempt =>
  status >= 200 && status < 300 ? { outcome: 'succeeded' } : { outcome: 'failed', reason: `HTTP ${status}` };
