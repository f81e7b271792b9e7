// The example agents, as they stand in examples/, against the real API over HTTP: each does work from its offer to its result.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { PubSub } from '@google-cloud/pubsub';
import type { Work } from '../../../../examples/agent-api.ts';
import { takeMinutes } from '../../../../examples/agent-api.ts';
import { runPubsubAgent } from '../../../../examples/pubsub-agent.ts';
import { runPullAgent } from '../../../../examples/pull-agent.ts';
import { makeWebhookAgent } from '../../../../examples/webhook-agent.ts';
import { api, tokenFor } from '../api/callers.ts';
import { until } from '../coordination/team.ts';
import { beforeDatabaseCloses, randomOrg } from '../harness.ts';
import { current, enlist, handOut, makeTopics, workFor } from './hand-out.ts';
import { getAgent, replaceAgent } from '../../../src/agents/change-agent.ts';
import { definitionOf } from '../../../src/agents/definition.ts';
import { agentDefinition } from '../../../src/agents/schemas.ts';
import type { Assignment } from '../../../src/coordination/schemas.ts';

jest.setTimeout(40_000);

const org = randomOrg();
const pubsub = new PubSub();
const topic = `agents.${org}.minutes`;
let server: Server;

beforeAll(async () => {
  const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  server = createServer((request, response) => void listener(request, response));
  await makeTopics(pubsub, topic);
  await listening(server);
});
afterAll(() => pubsub.close());
beforeDatabaseCloses(() => closed(server));

const listening = async (started: Server): Promise<number> => {
  started.listen(0, '127.0.0.1');
  await once(started, 'listening');
  return (started.address() as AddressInfo).port;
};
/** Ends a server once it has answered everything. */
const closed = async (stopped: Server): Promise<void> => {
  stopped.close();
  stopped.closeIdleConnections();
  await once(stopped, 'close');
};

const accessOf = (agent: string) => ({
  baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  token: tokenFor({ org, role: 'agent', uid: agent }),
});

const succeeded = ({ task }: Assignment): Promise<Assignment> =>
  until(async () => {
    const now = await current(org, task);
    return now.state === 'succeeded' ? now : undefined;
  });

/** The webhook agent is at another address from now on; its secret stays. */
const moveTo = async (url: string): Promise<void> => {
  const { value, revision } = await getAgent(org, 'called');
  const definition = { ...definitionOf(value), kind: 'webhook', transport: { url } };
  const edit = { org, by: 'operator-1', now: new Date(), allowPrivate: true };
  await replaceAgent('called', { definition: agentDefinition.parse(definition), revision }, edit);
};

/** Delivers something unusable first, to be corrected. */
const careless: Work = async (directive) =>
  directive.refused.length > 0 ? takeMinutes(directive) : Promise.resolve({ summary: '' });

describe('the example of an agent', () => {
  test('that asks for work does one assignment after the other, and mends what was refused', async () => {
    await enlist(org, { id: 'puller', kind: 'pull' });
    const stopped = new AbortController();
    const running = runPullAgent({ ...accessOf('puller'), agent: 'puller', work: careless, signal: stopped.signal });
    const first = await workFor(org, 'puller');
    await handOut(first);
    await succeeded(first);
    const last = await workFor(org, 'puller');
    stopped.abort();
    await handOut(last);
    await succeeded(last);
    expect(await running).toBe(2);
  });

  test('gives up after the last refusal, and does not count what was not taken', async () => {
    await enlist(org, { id: 'hopeless', kind: 'pull' });
    const stopped = new AbortController();
    let tries = 0;
    const useless: Work = () => {
      tries += 1;
      stopped.abort();
      return Promise.resolve({ summary: '' });
    };
    const assignment = await workFor(org, 'hopeless');
    await handOut(assignment);
    const done = runPullAgent({ ...accessOf('hopeless'), agent: 'hopeless', work: useless, signal: stopped.signal });
    expect(await done).toBe(0);
    expect(tries).toBe(3);
    expect(await current(org, assignment.task)).toMatchObject({ state: 'failed' });
  });

  test('does not count work that it could not do without more', async () => {
    await enlist(org, { id: 'needy', kind: 'pull' });
    const stopped = new AbortController();
    const asking: Work = () => {
      stopped.abort();
      const needs = { kind: 'answer', question: 'Which API?' };
      return Promise.resolve({
        summary: 'Cannot go on.',
        needs,
        artifact: { kind: 'markdown', title: '', content: '' },
      });
    };
    const assignment = await workFor(org, 'needy');
    await handOut(assignment);
    const done = runPullAgent({ ...accessOf('needy'), agent: 'needy', work: asking, signal: stopped.signal });
    expect(await done).toBe(0);
    expect(await current(org, assignment.task)).toMatchObject({ state: 'input_required' });
  });

  test('with a topic works on what comes', async () => {
    await enlist(org, { id: 'listener', kind: 'pubsub', transport: { topic } });
    const [subscription] = await pubsub.createSubscription(topic, `${topic}-example`);
    runPubsubAgent(subscription, accessOf('listener'), careless);
    const assignment = await workFor(org, 'listener');
    await handOut(assignment);
    expect(await succeeded(assignment)).toMatchObject({ result: { title: 'Minutes: Meet' } });
    await subscription.close();
  });

  test('that is called takes what is signed, and nothing else', async () => {
    const secret = await enlist(org, { id: 'called', kind: 'webhook', transport: { url: 'https://not.yet.example/' } });
    const agent = makeWebhookAgent({ ...accessOf('called'), secret, work: careless });
    const url = `http://127.0.0.1:${await listening(agent)}/`;
    await moveTo(url);
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
    const assignment = await workFor(org, 'called');
    await handOut(assignment);
    await succeeded(assignment);
    await closed(agent);
  });
});
