import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PubSub, type Message as PubsubMessage } from '@google-cloud/pubsub';
import { randomUUID } from 'node:crypto';
import { on } from 'node:events';
import { call, json } from '../api/callers.ts';
import { observe, randomOrg } from '../harness.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts';
import { add, lateral, register, reportIn, send, upward } from './outbox.ts';
import { deliveriesOfMessage, dueDeliveries } from '../../../src/communication/deliveries.firestore.ts';
import { maxAgeMs, maxTries } from '../../../src/communication/delivery.ts';
import { dispatchMessage } from '../../../src/communication/dispatch-message.ts';
import { findMessage } from '../../../src/communication/messages.firestore.ts';
import type { Delivery, Message } from '../../../src/communication/schemas.ts';
import { sweepDeliveries } from '../../../src/communication/sweep-deliveries.ts';
import { deleteWebhook, updateWebhook } from '../../../src/communication/webhooks.firestore.ts';
import { getWebhook } from '../../../src/communication/register-webhook.ts';
import type { CrossingKind } from '../../../src/platform/crossings.ts';
import { handleDue } from '../../../src/platform/due-records.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { verifyWebhook } from '../../../src/platform/webhook.ts';

process.env['WEBHOOK_ALLOW_PRIVATE'] = 'true';

/** The process dies at the first effect of that kind: whoever awaits it learns nothing, and nothing after it happens. */
const dieAt = (when: 'before' | 'after', kind: CrossingKind): void => {
  let dead = false;
  const die = (at: 'before' | 'after') => (crossing: CrossingKind) => {
    if (dead || (at === when && crossing === kind)) {
      dead = true;
      throw new Error('The process died.');
    }
  };
  observe({ before: die('before'), after: die('after') });
};

const minuteMs = 60_000;
const now = new Date();
const later = (ms: number) => new Date(now.getTime() + ms);
const sweepAt = (at: Date) => sweepDeliveries({ now: () => at, allowPrivate: true });

// A new org for each test: the sweeper is told of times far ahead, when everything of the others is due as well.
let org: OrgId;
let receiver: WebhookReceiver;
beforeEach(async () => {
  org = randomOrg();
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  observe(undefined);
  await receiver.stop();
});

const toWebhooks = async ({ id }: Message) =>
  (await deliveriesOfMessage(org, id)).filter(({ webhook }) => webhook !== null);
const toTopic = async ({ id }: Message) => {
  const [delivery, ...others] = (await deliveriesOfMessage(org, id)).filter(({ webhook }) => webhook === null);
  if (!delivery || others.length > 0) throw new Error('There is not one delivery to the topic.');
  return delivery;
};
const only = async (message: Message): Promise<Delivery> => {
  const [delivery, ...others] = await toWebhooks(message);
  if (!delivery || others.length > 0) throw new Error(`There are ${others.length + 1} deliveries, not one.`);
  return delivery;
};
const dueAt = ({ nextAttemptAt }: Delivery): Date => {
  if (!nextAttemptAt) throw new Error('No attempt is due.');
  return nextAttemptAt;
};
const outcomes = ({ attempts }: Delivery) => attempts.map(({ outcome, status }) => [outcome, status]);
const idsReceived = () => receiver.requests.map(({ headers }) => headers['webhook-id']);

/** The messages of the org on a topic while `act` runs, up to `count`. */
const onTopic = async (topic: string, count: number, act: () => Promise<unknown>) => {
  const pubsub = new PubSub();
  await pubsub.createTopic(topic).catch(() => undefined);
  const [subscription] = await pubsub.createSubscription(topic, `${topic}-${randomUUID()}`);
  const messages = on(subscription, 'message') as AsyncIterable<[PubsubMessage]>;
  await act();
  const received: { body: unknown; attributes: unknown }[] = [];
  for await (const [message] of messages) {
    message.ack();
    if (message.attributes['org'] !== org) continue;
    received.push({ body: JSON.parse(message.data.toString()), attributes: message.attributes });
    if (received.length === count) break;
  }
  await subscription.close();
  await pubsub.close();
  return received;
};

describe('a message that was committed', () => {
  test('goes upward on coordination-reports, in the shape of the specification', async () => {
    const draft = { ...reportIn(org), task: 'tsk_0f3c9a1be47d25c8a6b1' };
    let id = '';
    const [report] = await onTopic('coordination-reports', 1, async () => ({ id } = await send(draft, now)));
    expect(report).toEqual({
      body: upward,
      attributes: { org, to: 'main-coordinator', kind: 'report', messageId: id, task: 'tsk_0f3c9a1be47d25c8a6b1' },
    });
  });

  test('goes to a peer on coordination-messages, in the shape of the specification', async () => {
    const draft = { org, key: 'api-update', kind: 'lateral' as const, task: null, body: lateral };
    let id = '';
    const [message] = await onTopic('coordination-messages', 1, async () => ({ id } = await send(draft, now)));
    expect(message).toEqual({
      body: lateral,
      attributes: { org, to: 'frontend-coordinator', kind: 'lateral', messageId: id },
    });
  });

  test('goes signed to the webhook', async () => {
    const { secret, id: webhook } = await register(org, { url: receiver.url });
    const message = await send(reportIn(org), now);
    const [request] = receiver.requests;
    expect(verifyWebhook(request?.headers ?? {}, request?.body ?? '', secret, now)).toBe(true);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      id: message.id,
      org,
      kind: 'report',
      to: 'main-coordinator',
      task: null,
      subject: null,
      createdAt: now.toISOString(),
      body: upward,
    });
    expect(idsReceived()).toEqual([`${message.id}.${webhook}`]);
    expect(await only(message)).toMatchObject({ state: 'delivered', wakeAt: null, nextAttemptAt: null });
  });

  test('goes to every webhook that wants it, and to none that does not', async () => {
    const path = (name: string) => receiver.url.replace('hook', name);
    await register(org, { url: path('all') });
    await register(org, { url: path('reports'), kinds: ['report'] });
    await register(org, { url: path('laterals'), kinds: ['lateral'] });
    await register(org, { url: path('peers'), to: ['quality-coordinator', 'devops-coordinator'] });
    await register(org, { url: path('disabled'), disabled: true });
    await register(randomOrg(), { url: path('another-org') });
    const message = await send(reportIn(org), now);
    expect(receiver.requests.map((request) => request.path).sort()).toEqual(['/all', '/reports']);
    expect(await toWebhooks(message)).toHaveLength(2);
  });

  test('goes to the webhooks that can be read when one cannot', async () => {
    await register(org, { url: receiver.url });
    await firestore().doc(`orgs/${org}/webhooks/whk_00000000000000000000`).create({ url: 7 });
    const message = await send(reportIn(org), now);
    expect(await only(message)).toMatchObject({ state: 'delivered' });
    expect(await toTopic(message)).toMatchObject({ state: 'delivered', tries: 1 });
  });

  test('that is handed over twice, at once or one after the other, is delivered once (C9)', async () => {
    await register(org, { url: receiver.url });
    const message = await add(reportIn(org), now);
    const dispatch = () => dispatchMessage(message, { now, allowPrivate: true });
    await Promise.all([dispatch(), dispatch()]);
    await dispatch();
    expect(receiver.requests).toHaveLength(1);
    expect(await only(message)).toMatchObject({ state: 'delivered', tries: 1 });
  });

  test('fails the commit when its key was used before', async () => {
    const draft = reportIn(org);
    await add(draft, now);
    await expect(add(draft, now)).rejects.toMatchObject({ row: { code: 'store.exists' } });
  });
});

describe('a webhook that fails', () => {
  test('twice, and then accepts, has the message: each time under the same id', async () => {
    const { secret } = await register(org, { url: receiver.url });
    receiver.answer = () => ({ status: 500 });
    const message = await send(reportIn(org), now);
    const second = dueAt(await only(message));
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '7200' } });
    await sweepAt(second);
    const third = dueAt(await only(message));
    expect(third.getTime() - second.getTime()).toBeGreaterThanOrEqual(7_200_000);
    receiver.answer = () => ({ status: 200 });
    await sweepAt(new Date(third.getTime() - 1));
    expect(receiver.requests).toHaveLength(2);
    await sweepAt(third);

    expect(await only(message)).toMatchObject({ state: 'delivered', wakeAt: null });
    expect(outcomes(await only(message))).toEqual([
      ['refused', 500],
      ['refused', 503],
      ['accepted', 200],
    ]);
    expect(new Set(idsReceived()).size).toBe(1);
    const times = [now, second, third];
    expect(
      receiver.requests.map(({ headers, body }, index) => verifyWebhook(headers, body, secret, times[index] ?? now)),
    ).toEqual([true, true, true]);
  });

  test('is not asked twice by two sweepers (D2)', async () => {
    await register(org, { url: receiver.url });
    receiver.answer = () => ({ status: 500 });
    const message = await send(reportIn(org), now);
    const due = dueAt(await only(message));
    await Promise.all([sweepAt(due), sweepAt(due), sweepAt(due)]);
    expect(receiver.requests).toHaveLength(2);
    expect((await only(message)).tries).toBe(2);
  });

  test('late in a sweep of minutes is asked with the time of then, and the delivery held from then on (D2)', async () => {
    const { secret } = await register(org, { url: receiver.url });
    receiver.answer = () => ({ status: 500 });
    const message = await send(reportIn(org), now);
    const due = dueAt(await only(message));
    const minutesLater = new Date(due.getTime() + 8 * minuteMs);
    const times = [due];
    // Nothing is recorded after the request.
    dieAt('after', 'http.post');
    await sweepDeliveries({ now: () => times.shift() ?? minutesLater, allowPrivate: true });
    observe(undefined);

    expect((await only(message)).wakeAt).toEqual(new Date(minutesLater.getTime() + minuteMs));
    const { headers = {}, body = '' } = receiver.requests[1] ?? {};
    expect(verifyWebhook(headers, body, secret, minutesLater)).toBe(true);
  });

  test('for ever is given up after ten attempts, and the delivery is kept', async () => {
    await register(org, { url: receiver.url });
    receiver.answer = () => 'cut';
    const message = await send(reportIn(org), now);
    for (let tries = 1; tries < maxTries; tries++) await sweepAt(dueAt(await only(message)));
    const failed = await only(message);
    expect(failed).toMatchObject({ state: 'failed', tries: maxTries, nextAttemptAt: null, wakeAt: null });
    expect(new Set(failed.attempts.map(({ error }) => error))).toEqual(
      new Set(['webhook.unreachable: The connection failed: ECONNRESET.']),
    );
    await sweepAt(later(2 * maxAgeMs));
    expect(receiver.requests).toHaveLength(maxTries);
  });

  test.each([
    ['says that it is gone for good', { status: 410 }, 'HTTP 410'],
    ['redirects', { status: 308, headers: { location: 'https://example.com/' } }, 'HTTP 308'],
  ])('as it %s is not followed', async (_, answer, error) => {
    await register(org, { url: receiver.url });
    receiver.answer = () => answer;
    const delivery = await only(await send(reportIn(org), now));
    expect(delivery).toMatchObject({ state: answer.status === 410 ? 'failed' : 'pending', attempts: [{ error }] });
  });

  test('as it is off the public internet is not asked at all', async () => {
    await register(org, { url: receiver.url.replace('http:', 'https:') });
    const message = await add(reportIn(org), now);
    await dispatchMessage(message, { now, allowPrivate: false });
    expect(await only(message)).toMatchObject({ state: 'failed', attempts: [{ outcome: 'unreachable' }] });
    expect((await only(message)).attempts[0]?.error).toMatch(/^webhook\.forbidden_address: /);
    expect(receiver.connections()).toBe(0);
  });

  test.each(['disabled', 'deleted'] as const)('and is %s then gets nothing more', async (change) => {
    const { id } = await register(org, { url: receiver.url });
    receiver.answer = () => ({ status: 500 });
    const message = await send(reportIn(org), now);
    const { value, revision } = await getWebhook(org, id);
    if (change === 'deleted') await deleteWebhook(org, id, revision);
    else await updateWebhook({ ...value, disabled: true }, revision);
    await sweepAt(dueAt(await only(message)));
    expect(await only(message)).toMatchObject({ state: 'failed' });
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('a topic', () => {
  /** Nothing can be published until the observer is gone. */
  const topicsDown = () =>
    observe({
      before: (kind) => {
        if (kind === 'pubsub.publish') throw new Error('Pub/Sub is down.');
      },
      after: () => undefined,
    });

  test('that took the message has that on record, under the id of the message', async () => {
    const message = await send(reportIn(org), now);
    const attempt = { outcome: 'accepted', status: null, error: null };
    expect(await toTopic(message)).toMatchObject({ id: `${message.id}.topic`, state: 'delivered', wakeAt: null });
    expect((await toTopic(message)).attempts).toMatchObject([attempt]);
    expect(await json(call(`GET /v1/messages/${message.id}`, { org }))).toMatchObject({
      deliveries: [{ id: `${message.id}.topic`, webhook: null, state: 'delivered', attempts: [attempt] }],
    });
  });

  test('that fails keeps the message from no webhook, and is tried again by the sweeper', async () => {
    await register(org, { url: receiver.url });
    topicsDown();
    const message = await send(reportIn(org), now);
    expect((await only(message)).state).toBe('delivered');
    const failed = await toTopic(message);
    expect(failed).toMatchObject({
      state: 'pending',
      attempts: [{ outcome: 'unreachable', error: 'Pub/Sub is down.' }],
    });
    observe(undefined);
    const [again] = await onTopic('coordination-reports', 1, () => sweepAt(dueAt(failed)));
    expect(again).toMatchObject({ attributes: { messageId: message.id } });
    expect(await toTopic(message)).toMatchObject({ state: 'delivered', tries: 2 });
    expect(receiver.requests).toHaveLength(1);
  });

  test('is published to again on request, with what failed for good', async () => {
    topicsDown();
    const message = await send(reportIn(org), now);
    for (let tries = 1; tries < maxTries; tries++) await sweepAt(dueAt(await toTopic(message)));
    const { id } = await toTopic(message);
    expect(await json(call('GET /v1/deliveries?state=failed', { org }))).toMatchObject({ deliveries: [{ id }] });
    observe(undefined);
    const redeliver = () => json(call(`POST /v1/deliveries/${id}/redeliver`, { org }));
    const [again] = await onTopic('coordination-reports', 1, redeliver);
    expect(again).toMatchObject({ body: upward, attributes: { messageId: message.id } });
    expect(await toTopic(message)).toMatchObject({ state: 'delivered', tries: 1 });
  });
});

describe('after a crash', () => {
  test('the message that nobody sent is sent (C5)', async () => {
    await register(org, { url: receiver.url });
    const message = await add(reportIn(org), now);
    await sweepAt(later(minuteMs));
    expect(receiver.requests).toHaveLength(0);
    await sweepAt(later(2 * minuteMs));
    expect(await only(message)).toMatchObject({ state: 'delivered' });
    expect((await findMessage(org, message.id))?.value.wakeAt).toBeNull();
  });

  test.each([
    ['before', 'pubsub.publish'],
    ['after', 'pubsub.publish'],
    ['before', 'firestore.commit'],
  ] as const)('%s the first %s of a dispatch, all of it happens', async (when, kind) => {
    await register(org, { url: receiver.url });
    const message = await add(reportIn(org), now);
    dieAt(when, kind);
    await expect(dispatchMessage(message, { now, allowPrivate: true })).rejects.toThrow('The process died.');
    observe(undefined);
    expect([receiver.requests.length, await deliveriesOfMessage(org, message.id)]).toEqual([0, []]);
    await dispatchMessage(message, { now, allowPrivate: true });
    expect(await only(message)).toMatchObject({ state: 'delivered', tries: 1 });
  });

  test.each([
    ['before the request', 'before', 1],
    ['after the request, before its outcome was recorded', 'after', 2],
  ] as const)('%s, the attempt is unknown and repeated under the same id (C3)', async (_, when, requests) => {
    await register(org, { url: receiver.url });
    const message = await add(reportIn(org), now);
    dieAt(when, 'http.post');
    await dispatchMessage(message, { now, allowPrivate: true });
    observe(undefined);
    expect(await only(message)).toMatchObject({ state: 'pending', tries: 1 });
    expect(outcomes(await only(message))).toEqual([['unknown', null]]);

    await sweepAt(later(minuteMs - 1));
    expect(receiver.requests).toHaveLength(requests - 1);
    await sweepAt(later(minuteMs));
    expect(outcomes(await only(message))).toEqual([
      ['unknown', null],
      ['accepted', 204],
    ]);
    expect(receiver.requests).toHaveLength(requests);
    expect(new Set(idsReceived())).toEqual(new Set([(await only(message)).id]));
  });
});

test('the sweeper never reads what is over', async () => {
  await register(org, { url: receiver.url });
  const delivered = await send(reportIn(org), now);
  receiver.answer = () => ({ status: 410 });
  const failed = await send(reportIn(org), now);
  receiver.answer = () => ({ status: 500 });
  const pending = await send(reportIn(org), now);
  const due: string[] = [];
  await handleDue(dueDeliveries(later(maxAgeMs)), ({ value }) => Promise.resolve(void due.push(value.message)));
  expect([delivered, failed, pending].map(({ id }) => due.includes(id))).toEqual([false, false, true]);
});

describe('a delivery that is over', () => {
  const redeliver = (id: string) => call(`POST /v1/deliveries/${id}/redeliver`, { org });

  test('is attempted again on request, under the same id, and its first attempts stay on record', async () => {
    const { id: webhook } = await register(org, { url: receiver.url });
    receiver.answer = () => ({ status: 410 });
    const { id } = await only(await send(reportIn(org), now));
    expect(await json(call('GET /v1/deliveries?state=failed', { org }))).toMatchObject({ deliveries: [{ id }] });
    receiver.answer = () => ({ status: 204 });
    expect(await json(redeliver(id))).toMatchObject({
      id,
      webhook,
      state: 'delivered',
      attempts: [{ status: 410 }, { status: 204 }],
    });
    expect(idsReceived()).toEqual([id, id]);
    expect(await json(call('GET /v1/deliveries?state=failed', { org }))).toEqual({ deliveries: [] });
  });

  test('is attempted further when that fails', async () => {
    await register(org, { url: receiver.url });
    const { id } = await only(await send(reportIn(org), now));
    receiver.answer = () => ({ status: 500 });
    expect(await json(redeliver(id))).toMatchObject({ state: 'pending', nextAttemptAt: expect.any(String) as unknown });
  });

  test('is attempted once when two ask for it: the other is told 409', async () => {
    await register(org, { url: receiver.url });
    const { id } = await only(await send(reportIn(org), now));
    receiver.answer = () => ({ status: 500 });
    const answers = await Promise.all([redeliver(id), redeliver(id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(receiver.requests).toHaveLength(2);
  });
});

test('a delivery that is pending cannot be started anew: 409', async () => {
  await register(org, { url: receiver.url });
  receiver.answer = () => ({ status: 500 });
  const { id } = await only(await send(reportIn(org), now));
  const answer = call(`POST /v1/deliveries/${id}/redeliver`, { org });
  expect(await json(answer, 409)).toMatchObject({ code: 'communication.delivery_pending' });
});
