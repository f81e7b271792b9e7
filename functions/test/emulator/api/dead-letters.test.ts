import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PubSub, type Message, type Subscription } from '@google-cloud/pubsub';
import { on } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { call, json } from './callers.ts';
import { randomOrg } from '../harness.ts';
import { createDeadLetter } from '../../../src/coordination/dead-letters.firestore.ts';
import { intakeTopic, type DeadLetter } from '../../../src/coordination/schemas.ts';

const org = randomOrg();
const topic = intakeTopic;
const pubsub = new PubSub();
let subscription: Subscription;

const keep = async (id: string, payload: string, minute: number, source = topic) => {
  const letter: DeadLetter = {
    id,
    org,
    source,
    messageId: id,
    payload,
    attributes: { org },
    reason: {
      code: 'platform.invalid_input',
      detail: '1 field does not fit.',
      errors: [{ pointer: '#/title', detail: 'is missing' }],
    },
    state: 'kept',
    receivedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
    replayedAt: null,
    discardedAt: null,
  };
  await createDeadLetter(letter);
};

beforeAll(async () => {
  await pubsub.createTopic(topic);
  [subscription] = await pubsub.createSubscription(topic, `${topic}-reader`);
  await keep('letter-1', JSON.stringify({ org }), 1);
  await keep('letter-2', 'not json', 2);
  await keep('letter-3', JSON.stringify({ org, title: 'Good now' }), 3);
});
afterAll(async () => {
  await subscription.close();
  await pubsub.close();
});

/** The attributes of the message with that payload, once it has come. */
const sent = async (payload: unknown): Promise<Record<string, string>> => {
  for await (const [message] of on(subscription, 'message') as AsyncIterable<[Message]>) {
    message.ack();
    if (isDeepStrictEqual(JSON.parse(message.data.toString()), payload)) return message.attributes;
  }
  throw new Error('The subscription was closed.');
};

const replay = (id: string, body?: unknown) => call(`POST /v1/dead-letters/${id}/replay`, { org, body });

describe('dead letters', () => {
  test('are listed newest first, in pages', async () => {
    const ids = (page: Record<string, unknown>) => (page['deadLetters'] as { id: string }[]).map(({ id }) => id);
    const first = await json(call('GET /v1/dead-letters?pageSize=2', { org }));
    expect(ids(first)).toEqual(['letter-3', 'letter-2']);
    const second = await json(
      call(`GET /v1/dead-letters?pageSize=2&pageToken=${String(first['nextPageToken'])}`, { org }),
    );
    expect([ids(second), second['nextPageToken']]).toEqual([['letter-1'], undefined]);
  });

  test('have no ids that the database reserves', async () => {
    for (const path of ['/__x__', '?pageToken=__x__']) {
      expect((await call(`GET /v1/dead-letters${path}`, { org })).status).toBe(400);
    }
  });

  test('are read with the reason', async () => {
    const letter = await json(call('GET /v1/dead-letters/letter-1', { org }));
    expect(letter).toMatchObject({ state: 'kept', reason: { errors: [{ pointer: '#/title' }] }, replayedAt: null });
    expect(letter).not.toHaveProperty('org');
  });

  test('are replayed as they were, without a body', async () => {
    const attributes = sent({ org, title: 'Good now' });
    expect(await json(replay('letter-3'))).toMatchObject({ id: 'letter-3', state: 'replayed' });
    expect(await attributes).toMatchObject({ org });
    expect(await json(call('GET /v1/dead-letters/letter-3', { org }))).toMatchObject({ state: 'replayed' });
  });

  test('are replayed corrected', async () => {
    const payload = { org, title: 'Corrected' };
    const attributes = sent(payload);
    expect(await json(replay('letter-1', { payload }))).toMatchObject({ state: 'replayed' });
    expect(await attributes).toMatchObject({ org });
  });

  test('that are not JSON need a payload: 422', async () => {
    expect(await json(replay('letter-2', {}), 422)).toMatchObject({ code: 'coordination.dead_letter_unreadable' });
  });

  test('cannot be replayed into another organisation: 422', async () => {
    const answer = replay('letter-1', { payload: { org: randomOrg(), title: 'Smuggled' } });
    expect(await json(answer, 422)).toMatchObject({ code: 'coordination.dead_letter_foreign' });
  });

  test('of work that failed whatever was done are tried again as a task of who asked', async () => {
    const submitted = await json(call('POST /v1/tasks', { org, role: 'member', body: { title: 'Poison' } }), 202);
    const task = String(submitted['id']);
    await json(call(`POST /v1/tasks/${task}/cancel`, { org }));
    await keep('letter-4', JSON.stringify({ org, task, assignment: 'a' }), 0, 'coordination.poison');
    expect(await json(replay('letter-4'))).toMatchObject({ state: 'replayed' });
    expect(await json(call('GET /v1/tasks?pageSize=1', { org }))).toMatchObject({
      tasks: [
        {
          forkedFrom: { task },
          submittedBy: { channel: 'http', uid: 'operator-1', role: 'operator' },
        },
      ],
    });
  });

  test('with an unknown field in the replay are 400', async () => {
    expect(await json(replay('letter-1', { payloda: {} }), 400)).toMatchObject({ errors: [{ pointer: '#/payloda' }] });
  });
});
