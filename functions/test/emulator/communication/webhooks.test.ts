import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { call, json, type Call } from '../api/callers.ts';
import { randomOrg } from '../harness.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts';
import { maxWebhooks } from '../../../src/communication/webhooks.firestore.ts';
import { messageKinds, recipients } from '../../../src/communication/schemas.ts';
import { findEndpoint } from '../../../src/communication/webhooks.firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { newWebhookSecret, verifyWebhook } from '../../../src/platform/webhook.ts';

const url = 'https://example.com/hook';

let org: OrgId;
let receiver: WebhookReceiver;
beforeEach(async () => {
  org = randomOrg();
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  delete process.env['WEBHOOK_ALLOW_PRIVATE'];
  await receiver.stop();
});

const onlyRequest = () => {
  const [request, ...others] = receiver.requests;
  if (!request || others.length > 0) throw new Error('There was not one request.');
  return request;
};

const on = (operation: string, options: Partial<Call> = {}) => call(operation, { org, ...options });
const register = (body: object = { url }, headers: Record<string, string> = {}) =>
  on('POST /v1/webhooks', { body, headers });
const registered = async (body?: object): Promise<{ id: string; secret: string; etag: string }> => {
  const response = await register(body);
  const { id, secret } = (await json(response, 201)) as { id: string; secret: string };
  return { id, secret, etag: response.headers.get('etag') ?? '' };
};

describe('registering a webhook', () => {
  test('answers with a secret that nobody is told again', async () => {
    const response = await register();
    const { secret, ...webhook } = await json(response, 201);
    expect(secret).toMatch(/^whsec_/);
    expect(webhook).toMatchObject({
      url,
      kinds: messageKinds,
      to: recipients,
      disabled: false,
      createdBy: 'operator-1',
    });
    expect(response.headers.get('location')).toBe(`webhooks/${String(webhook['id'])}`);
    expect(await json(on(`GET /v1/webhooks/${String(webhook['id'])}`))).toEqual(webhook);
    expect(await json(on('GET /v1/webhooks'))).toEqual({ webhooks: [webhook] });
  });

  test('twice with the same key makes one, and tells the secret once', async () => {
    const headers = { 'idempotency-key': 'hook-1' };
    const first = await json(register({ url }, headers), 201);
    const replay = await register({ url }, headers);
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    const { secret: _secret, ...webhook } = first;
    expect(await json(replay, 201)).toEqual(webhook);
  });

  test('with the key of another is 409', async () => {
    const headers = { 'idempotency-key': 'hook-2' };
    await json(register({ url }, headers), 201);
    const other = register({ url, disabled: true }, headers);
    expect(await json(other, 409)).toMatchObject({ code: 'communication.key_reused' });
  });

  test.each([
    ['http://example.com/', 'webhook.bad_url'],
    ['https://name:password@example.com/', 'webhook.bad_url'],
    ['https://127.0.0.1/', 'webhook.forbidden_address'],
    ['https://[::ffff:169.254.169.254]/', 'webhook.forbidden_address'],
  ])('at %s is 422', async (bad, code) => {
    expect(await json(register({ url: bad }), 422)).toMatchObject({ code });
    expect(await json(on('GET /v1/webhooks'))).toEqual({ webhooks: [] });
  });

  test.each([
    [{}, '#/url'],
    [{ url, kinds: [] }, '#/kinds'],
    [{ url, kinds: ['rumour'] }, '#/kinds/0'],
    [{ url, to: ['everybody'] }, '#/to/0'],
    [{ url, secret: newWebhookSecret() }, '#/secret'],
  ])('as %j is 400', async (body, pointer) => {
    expect(await json(register(body), 400)).toMatchObject({ errors: [{ pointer }] });
  });

  test('beyond the limit is 422, while a replay is answered still', async () => {
    const headers = { 'idempotency-key': 'the-first' };
    await json(register({ url }, headers), 201);
    for (let count = 1; count < maxWebhooks; count++) await json(register(), 201);
    expect(await json(register(), 422)).toMatchObject({ code: 'communication.too_many_webhooks' });
    await json(register({ url }, headers), 201);
  });
});

describe('changing a webhook', () => {
  const change = (id: string, body: object, etag?: string) =>
    on(`PATCH /v1/webhooks/${id}`, { body, headers: etag === undefined ? {} : { 'if-match': etag } });

  test('changes what is named and nothing else', async () => {
    const { id, etag } = await registered({ url, kinds: ['report'] });
    const response = await change(id, { disabled: true }, etag);
    expect(await json(response)).toMatchObject({ url, kinds: ['report'], disabled: true });
    const read = await on(`GET /v1/webhooks/${id}`);
    expect(await json(read)).toMatchObject({ url, kinds: ['report'], to: recipients, disabled: true });
    expect(read.headers.get('etag')).toBe(response.headers.get('etag'));
  });

  test('that was changed meanwhile is 412, without If-Match 428', async () => {
    const { id, etag } = await registered();
    await json(change(id, { disabled: true }, etag));
    expect(await json(change(id, { url }, etag), 412)).toMatchObject({ code: 'http.precondition_failed' });
    expect(await json(change(id, { url }), 428)).toMatchObject({ code: 'http.precondition_required' });
  });

  test('to an address off the public internet is 422', async () => {
    const { id, etag } = await registered();
    const answer = change(id, { url: 'https://10.0.0.1/' }, etag);
    expect(await json(answer, 422)).toMatchObject({ code: 'webhook.forbidden_address' });
    expect(await json(on(`GET /v1/webhooks/${id}`))).toMatchObject({ url });
  });

  test('that nobody registered is 404', async () => {
    const answer = change('whk_00000000000000000000', { disabled: true }, '"1.1000"');
    expect(await json(answer, 404)).toMatchObject({ code: 'communication.webhook_not_found' });
  });
});

describe('deleting a webhook', () => {
  const remove = (id: string, etag?: string) =>
    on(`DELETE /v1/webhooks/${id}`, { headers: etag === undefined ? {} : { 'if-match': etag } });

  test('that was changed meanwhile is 412, without If-Match 428, and neither takes anything', async () => {
    const { id, secret, etag } = await registered();
    await json(on(`PATCH /v1/webhooks/${id}`, { body: { disabled: true }, headers: { 'if-match': etag } }));
    expect(await json(remove(id, etag), 412)).toMatchObject({ code: 'http.precondition_failed' });
    expect(await json(remove(id), 428)).toMatchObject({ code: 'http.precondition_required' });
    expect(await findEndpoint(org, id)).toMatchObject({ webhook: { disabled: true }, secret: { current: secret } });
  });

  test('deletes its secret as well, and the second time is 404', async () => {
    const { id, etag } = await registered();
    expect((await remove(id, etag)).status).toBe(204);
    expect(await findEndpoint(org, id)).toBeUndefined();
    await json(on(`GET /v1/webhooks/${id}`), 404);
    expect(await json(remove(id, etag), 404)).toMatchObject({ code: 'communication.webhook_not_found' });
    await json(on(`POST /v1/webhooks/${id}/rotate-secret`), 404);
    await json(on(`POST /v1/webhooks/${id}/test`), 404);
  });
});

describe('a ping', () => {
  beforeEach(() => {
    process.env['WEBHOOK_ALLOW_PRIVATE'] = 'true';
  });
  const ping = (id: string) => on(`POST /v1/webhooks/${id}/test`);

  test('is posted and signed, and the answer says what came of it', async () => {
    const { id, secret } = await registered({ url: receiver.url, disabled: true });
    expect(await json(ping(id))).toMatchObject({ outcome: 'accepted', status: 204, error: null });
    const { headers, body } = onlyRequest();
    expect(JSON.parse(body)).toMatchObject({ kind: 'ping', org, webhook: id });
    expect(verifyWebhook(headers, body, secret, new Date())).toBe(true);
  });

  test('that fails is answered as such and leaves no delivery', async () => {
    const { id } = await registered({ url: receiver.url });
    receiver.answer = () => ({ status: 500, body: 'secrets of the receiver' });
    const answer = await json(ping(id));
    expect(answer).toMatchObject({ outcome: 'refused', status: 500, error: 'HTTP 500' });
    expect(JSON.stringify(answer)).not.toContain('secrets of the receiver');
    expect(await json(on('GET /v1/deliveries'))).toEqual({ deliveries: [] });
  });

  test('after a rotation carries a signature of the new secret and one of the old', async () => {
    const { id, secret } = await registered({ url: receiver.url });
    const rotated = await json(on(`POST /v1/webhooks/${id}/rotate-secret`));
    const newSecret = String(rotated['secret']);
    await json(ping(id));
    const { headers, body } = onlyRequest();
    const verified = [secret, newSecret, newWebhookSecret()].map((each) =>
      verifyWebhook(headers, body, each, new Date()),
    );
    expect(verified).toEqual([true, true, false]);
    expect(Date.parse(String(rotated['previousValidUntil']))).toBeGreaterThan(Date.now());
  });

  test('after the second rotation is no longer signed with the first secret', async () => {
    const { id, secret } = await registered({ url: receiver.url });
    await json(on(`POST /v1/webhooks/${id}/rotate-secret`));
    const { secret: last } = await json(on(`POST /v1/webhooks/${id}/rotate-secret`));
    await json(ping(id));
    const { headers, body } = onlyRequest();
    const verified = [secret, String(last)].map((each) => verifyWebhook(headers, body, each, new Date()));
    expect(verified).toEqual([false, true]);
  });

  test('is not sent to an address off the public internet once that is forbidden', async () => {
    const { id } = await registered({ url: receiver.url });
    process.env['WEBHOOK_ALLOW_PRIVATE'] = 'false';
    const answer = await json(ping(id));
    expect(answer).toMatchObject({ outcome: 'unreachable', status: null });
    expect(answer['error']).toMatch(/^webhook\.bad_url: /);
    expect(receiver.connections()).toBe(0);
  });
});
