// Agents that work is sent to, by webhook and by topic: what they get, and what their answers lead to.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { PubSub } from '@google-cloud/pubsub';
import { randomUUID } from 'node:crypto';
import { on } from 'node:events';
import { json } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts';
import {
  asAgent,
  badOutput,
  current,
  enlist,
  eventTypes,
  expectLeaseLost,
  expireLease,
  goodOutput,
  handOut,
  makeTopics,
  workFor,
} from './hand-out.ts';
import { cancelTask, listDeadLetters } from '../../../src/coordination/index.ts';
import { findHealth } from '../../../src/agents/health.firestore.ts';
import { topicOf } from '../../../src/coordination/directive.ts';
import { bestOffers } from '../../../src/coordination/external/offers.firestore.ts';
import type { AgentDirective } from '../../../src/coordination/external/schemas.ts';
import { findArtifact } from '../../../src/coordination/task-store.firestore.ts';
import { verifyWebhook } from '../../../src/platform/webhook.ts';

jest.setTimeout(40_000);

const org = randomOrg();
const pubsub = new PubSub();
beforeAll(() => makeTopics(pubsub));
afterAll(() => pubsub.close());

describe('a webhook agent', () => {
  let receiver: WebhookReceiver;
  let id: string;
  let secret: string;
  let count = 0;
  beforeEach(async () => {
    receiver = await startWebhookReceiver();
    id = `hook-${++count}`;
    secret = await enlist(org, { id, kind: 'webhook', transport: { url: receiver.url } });
  });
  afterEach(() => receiver.stop());

  const directives = () => receiver.requests.map(({ body }) => JSON.parse(body) as AgentDirective);
  const health = async () => findHealth(org, id);

  test('gets the signed directive with a lease, accepts it, and delivers later', async () => {
    receiver.answer = () => ({ status: 202 });
    const assignment = await workFor(org, id);
    await handOut(assignment);
    const [request] = receiver.requests;
    const [work] = directives();
    if (!request || !work) throw new Error('Nothing was sent.');
    expect(verifyWebhook(request.headers, request.body, secret, new Date())).toBe(true);
    expect(request.headers['webhook-id']).toBe(`${work.idempotencyKey}.1`);
    expect(work).toMatchObject({ coordinator: 'backend', task: assignment.task, lease: { epoch: 1 } });
    expect(await current(org, assignment.task)).toMatchObject({ state: 'running', owner: { instance: `agent:${id}` } });
    expect(await json(asAgent(org, id).complete(work))).toMatchObject({ state: 'succeeded' });
    expect(await health()).toMatchObject({ consecutiveFailures: 0, lastSeenAt: expect.any(Date) as unknown });
  });

  test('may answer with the output at once', async () => {
    receiver.answer = () => ({ status: 200, body: JSON.stringify(goodOutput) });
    const assignment = await workFor(org, id);
    await handOut(assignment);
    expect(await current(org, assignment.task)).toMatchObject({ state: 'succeeded', result: { title: 'Minutes' } });
  });

  test('may answer with an output as large as the API takes', async () => {
    const content = `# Minutes\n\n${'Nothing was decided.\n'.repeat(40_000)}`;
    const output = { ...goodOutput, artifact: { ...goodOutput.artifact, content } };
    receiver.answer = () => ({ status: 200, body: JSON.stringify(output) });
    const assignment = await workFor(org, id);
    await handOut(assignment);
    expect(await current(org, assignment.task)).toMatchObject({ state: 'succeeded' });
    expect(await findArtifact(org, assignment.task, 'minutes')).toMatchObject({ content });
  });

  test('that answers with more is told so and asked again, as for any output that cannot be used', async () => {
    const answers = ['x'.repeat(1_048_577), 'x'.repeat(1_048_576), JSON.stringify(goodOutput)];
    receiver.answer = () => ({ status: 200, body: answers[receiver.requests.length - 1] ?? '' });
    const assignment = await workFor(org, id);
    await handOut(assignment);
    const told = directives().map(({ refused }) => refused.map(({ message }) => message));
    expect(told).toEqual([
      [],
      ['The answer is too long: it may have 1048576 bytes.'],
      [expect.not.stringContaining('too long') as unknown],
    ]);
    expect(await current(org, assignment.task)).toMatchObject({ state: 'succeeded' });
  });

  test('is asked again with the findings when its output cannot be used', async () => {
    receiver.answer = () => ({
      status: 200,
      body: JSON.stringify(receiver.requests.length > 1 ? goodOutput : badOutput),
    });
    const assignment = await workFor(org, id);
    await handOut(assignment);
    const [first, second] = directives();
    expect(first?.refused).toEqual([]);
    expect(second?.refused).toEqual(expect.arrayContaining([expect.objectContaining({ where: '/artifact/kind' })]));
    expect(second?.idempotencyKey).not.toBe(first?.idempotencyKey);
    expect(await eventTypes(assignment)).toEqual([
      'assignment.created',
      'assignment.started',
      'assignment.artifact_rejected',
      'assignment.succeeded',
    ]);
  });

  test('whose output is refused for the third time has failed', async () => {
    receiver.answer = () => ({ status: 200, body: 'I would rather not.' });
    const assignment = await workFor(org, id);
    await handOut(assignment);
    expect(receiver.requests).toHaveLength(3);
    expect(await current(org, assignment.task)).toMatchObject({ state: 'failed' });
  });

  test.each(['cut', { status: 500 }, { status: 404 }] as const)(
    'that answers %j loses the claim, and the work is tried again later',
    async (behaviour) => {
      receiver.answer = () => behaviour;
      const assignment = await workFor(org, id);
      await handOut(assignment);
      const released = await current(org, assignment.task);
      expect(released).toMatchObject({ state: 'ready', owner: null, failedTries: 1 });
      expect(released.retryAt).not.toBeNull();
      expect(await health()).toMatchObject({ consecutiveFailures: 1 });
      const [work] = directives();
      if (work) await expectLeaseLost(asAgent(org, id).complete(work));
    },
  );

  test('gets a message that is delivered twice once, and again when its lease has run out', async () => {
    receiver.answer = () => ({ status: 202 });
    const assignment = await workFor(org, id);
    await Promise.all(
      [handOut(assignment, 'one'), handOut(assignment, 'two')].map((sent) => sent.catch(() => undefined)),
    );
    expect(receiver.requests).toHaveLength(1);
    await expireLease(assignment);
    await handOut(assignment, 'three');
    expect(directives().map(({ lease }) => lease.epoch)).toEqual([1, 2]);
    expect(new Set(directives().map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(await health()).toMatchObject({ lastSeenAt: null, consecutiveFailures: 1 });
  });

  test('that is silent time and again fails the assignment in the end, which is kept as a dead letter', async () => {
    receiver.answer = () => ({ status: 202 });
    const assignment = await workFor(org, id);
    for (let time = 0; time < 12 && (await current(org, assignment.task)).state !== 'failed'; time++) {
      await handOut(assignment, `message-${time}`);
      await expireLease(assignment);
    }
    expect(await current(org, assignment.task)).toMatchObject({ failure: { code: 'coordination.agent_silent' } });
    expect((await health()).consecutiveFailures).toBeGreaterThan(0);
    const { deadLetters } = await listDeadLetters(org, { pageSize: 100 });
    expect(deadLetters).toMatchObject([
      { source: 'coordination.poison', reason: { code: 'coordination.agent_silent' } },
    ]);
  });
});

describe('an agent with a topic', () => {
  const topic = `agents.${org}.minutes-${randomUUID()}`;
  const newAgent = async (limits: object = {}) => {
    const id = `listener-${randomUUID()}`;
    await enlist(org, { id, kind: 'pubsub', transport: { topic }, limits });
    return { id, ...asAgent(org, id) };
  };

  /** The JSON of the messages of our org that come to a topic, from now on. */
  const messagesOf = async (name: string) => {
    const [subscription] = await pubsub.createSubscription(name, `${name}-${randomUUID()}`);
    const coming = on(subscription, 'message') as AsyncIterableIterator<
      [{ data: Buffer; attributes: Record<string, string>; ack(): void }]
    >;
    return {
      next: async (): Promise<Record<string, unknown>> => {
        for await (const [message] of coming) {
          message.ack();
          if (message.attributes['org'] === org) return JSON.parse(message.data.toString()) as Record<string, unknown>;
        }
        throw new Error('The subscription was closed.');
      },
      close: () => subscription.close(),
    };
  };

  beforeAll(() => makeTopics(pubsub, topic));

  test('gets the directive with a lease, and delivers by the API', async () => {
    const agent = await newAgent();
    const messages = await messagesOf(topic);
    const assignment = await workFor(org, agent.id);
    await handOut(assignment);
    const work = (await messages.next()) as unknown as AgentDirective;
    expect(work).toMatchObject({ task: assignment.task, artifactKind: 'markdown', lease: { epoch: 1 } });
    expect(await json(agent.heartbeat(work))).toMatchObject({ lease: { epoch: 1 } });
    expect(await json(agent.complete(work))).toMatchObject({ state: 'succeeded' });
    await messages.close();
  });

  test('that has its hands full gets the most urgent of what waits as soon as one is free', async () => {
    const agent = await newAgent({ maxConcurrent: 1 });
    const messages = await messagesOf(topic);
    await handOut(await workFor(org, agent.id));
    const first = (await messages.next()) as unknown as AgentDirective;
    const [low, high] = [
      await workFor(org, agent.id, { priority: 'low' }),
      await workFor(org, agent.id, { priority: 'high' }),
    ];
    await handOut(low);
    await handOut(high);
    expect((await bestOffers(org, agent.id, 5)).map(({ value }) => value.task)).toEqual([high.task, low.task]);
    const sent = await messagesOf(topicOf('high'));
    await json(agent.complete(first));
    for (let next = await sent.next(); next['task'] !== high.task || next['epoch'] !== 0; next = await sent.next());
    expect((await bestOffers(org, agent.id, 5)).map(({ value }) => value.task)).toEqual([low.task]);
    await messages.close();
    await sent.close();
  });

  test('gets what waits behind work that is over', async () => {
    const agent = await newAgent({ maxConcurrent: 1 });
    const messages = await messagesOf(topic);
    await handOut(await workFor(org, agent.id));
    const first = (await messages.next()) as unknown as AgentDirective;
    const low = await workFor(org, agent.id, { priority: 'low' });
    const over = [
      await workFor(org, agent.id, { priority: 'critical' }),
      await workFor(org, agent.id, { priority: 'high' }),
    ];
    for (const assignment of [...over, low]) await handOut(assignment);
    await Promise.all(over.map(({ task }) => cancelTask(org, task, { by: 'operator-1' })));
    const sent = await messagesOf(topicOf('low'));
    await json(agent.complete(first));
    for (let next = await sent.next(); next['task'] !== low.task; next = await sent.next());
    expect(await bestOffers(org, agent.id, 5)).toEqual([]);
    await messages.close();
    await sent.close();
  });

  test('whose topic is gone loses the claim, and the work is tried again later', async () => {
    const id = `listener-${randomUUID()}`;
    await enlist(org, { id, kind: 'pubsub', transport: { topic: `agents.${org}.nowhere` } });
    const assignment = await workFor(org, id);
    await handOut(assignment);
    expect(await current(org, assignment.task)).toMatchObject({
      state: 'ready',
      failure: { code: 'agents.unreachable' },
    });
    expect(await findHealth(org, id)).toMatchObject({ consecutiveFailures: 1 });
  });
});
