import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Agent } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { makeDispatcher, type DeliveryHooks } from './dispatcher.ts';
import type { Instance } from './instance.ts';
import type { FunctionSpec } from './manifest.ts';
import type { Pool } from './pool.ts';

const spec: FunctionSpec = {
  name: 'run',
  entryPoint: 'run',
  region: 'us-central1',
  timeoutMs: 5_000,
  concurrency: 10,
  maxInstances: 1,
  trigger: { kind: 'https' },
};
const policy = { maxAttempts: 3, minBackoffMs: 1, maxBackoffMs: 2 };
const eventOf = (id: string) => ({ headers: { 'ce-id': id }, body: Buffer.from(id) });

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  if (server) await once(server, 'close');
});

/** A dispatcher over one instance that handles events with `handle`, and the ids in the order in which they were handled. */
const dispatcherWith = async (hooks: DeliveryHooks, dies: (id: string, earlier: readonly string[]) => boolean) => {
  const handled: string[] = [];
  server = createServer((request, response) => {
    const id = String(request.headers['ce-id']);
    const dead = dies(id, handled);
    handled.push(id);
    if (dead) request.socket.destroy();
    else response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const instance: Instance = {
    pid: 1,
    port: (server.address() as AddressInfo).port,
    functions: ['run'],
    pathOf: (_name, rest) => rest,
    agent: new Agent(),
    inFlight: 0,
  };
  const pool = { live: () => [instance], use: async (work) => work(instance) } as Pick<Pool, 'live' | 'use'> as Pool;
  const { signal } = new AbortController();
  const dispatcher = makeDispatcher({ poolOf: () => pool, log: () => undefined, signal, hooks });
  return { handled, dispatch: async (id: string) => dispatcher.dispatch(spec, eventOf(id), policy) };
};

const never = () => false;

describe('hooks around deliveries', () => {
  test('can deliver an event again after it succeeded', async () => {
    const around: DeliveryHooks['around'] = async (_event, deliverOnce) => {
      await deliverOnce();
      return deliverOnce();
    };
    const { handled, dispatch } = await dispatcherWith({ around }, never);
    expect(await dispatch('a')).toMatchObject({ outcome: 'succeeded' });
    expect(handled).toEqual(['a', 'a']);
  });

  test('can let a later event overtake an earlier one', async () => {
    const release = Promise.withResolvers<undefined>();
    const around: DeliveryHooks['around'] = async ({ headers }, deliverOnce) => {
      if (headers['ce-id'] === 'early') await release.promise;
      return deliverOnce();
    };
    const { handled, dispatch } = await dispatcherWith({ around }, never);
    const early = dispatch('early');
    await dispatch('late');
    release.resolve(undefined);
    await early;
    expect(handled).toEqual(['late', 'early']);
  });

  test('are told of an event whose instance died, which is then delivered all the same', async () => {
    const interrupted: string[] = [];
    const onInterrupted: DeliveryHooks['onInterrupted'] = ({ functionName, body }) =>
      interrupted.push(`${functionName} ${body.toString()}`);
    const { handled, dispatch } = await dispatcherWith({ onInterrupted }, (id, earlier) => !earlier.includes(id));
    expect(await dispatch('a')).toMatchObject({ outcome: 'succeeded', tally: { failures: 0, interruptions: 1 } });
    expect(handled).toEqual(['a', 'a']);
    expect(interrupted).toEqual(['run a']);
  });
});
