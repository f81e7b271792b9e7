import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LookupFunction } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { startWebhookReceiver, type WebhookReceiver } from '../../test/support/webhook-receiver.ts';
import type { ErrorRow } from './errors.ts';
import {
  checkedUrl,
  newWebhookSecret,
  postWebhook,
  publicOnly,
  verifyWebhook,
  webhookErrors,
  type WebhookPost,
} from './webhook.ts';

const secret = newWebhookSecret();
const now = new Date('2026-11-22T10:00:00Z');
const post: WebhookPost = {
  url: '',
  secret,
  deliveryId: 'delivery-1',
  body: '{"status":"update","summary":"Grüße"}',
  now,
  timeoutMs: 5_000,
  maxReplyBytes: 64 * 1_024,
  allowPrivate: true,
};
const failsWith = (row: ErrorRow) => expect.objectContaining({ row });

describe('a webhook over http, on a developer’s machine', () => {
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    receiver = await startWebhookReceiver();
  });
  afterAll(() => receiver.stop());

  test('arrives as it was sent, signed', async () => {
    receiver.answer = () => ({ status: 202, body: 'thanks' });
    expect(await postWebhook({ ...post, url: receiver.url })).toEqual({
      status: 202,
      body: 'thanks',
      retryAfterMs: undefined,
    });
    const request = receiver.requests.at(-1);
    expect(request).toMatchObject({ method: 'POST', path: '/hook', body: post.body });
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'delivery-1' });
    expect(verifyWebhook(request?.headers ?? {}, request?.body ?? '', secret, now)).toBe(true);
  });

  test('is told when to come again', async () => {
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '120' } });
    expect(await postWebhook({ ...post, url: receiver.url })).toMatchObject({ status: 503, retryAfterMs: 120_000 });
  });

  test('does not follow a redirect (W2)', async () => {
    const before = receiver.requests.length;
    receiver.answer = () => ({ status: 307, headers: { location: receiver.url } });
    expect(await postWebhook({ ...post, url: receiver.url })).toMatchObject({ status: 307 });
    expect(receiver.requests).toHaveLength(before + 1);
  });

  test('reads an answer as long as was asked for, and of a longer one nothing but its status (W3)', async () => {
    const whole = 'x'.repeat(post.maxReplyBytes);
    receiver.answer = () => ({ status: 200, body: whole });
    expect(await postWebhook({ ...post, url: receiver.url })).toMatchObject({ status: 200, body: whole });
    for (const length of [post.maxReplyBytes + 1, 5_000_000]) {
      receiver.answer = () => ({ status: 200, body: 'x'.repeat(length) });
      expect(await postWebhook({ ...post, url: receiver.url })).toMatchObject({ status: 200, body: undefined });
    }
  });

  test.each(['hang', 'stall'] as const)('gives up on a receiver that lets it %s (W3)', async (behaviour) => {
    receiver.answer = () => behaviour;
    await expect(postWebhook({ ...post, url: receiver.url, timeoutMs: 150 })).rejects.toMatchObject({
      row: { code: 'webhook.unreachable', retry: 'later' },
      detail: 'No answer within 150 ms.',
    });
  });

  test('that is cut off is unreachable', async () => {
    receiver.answer = () => 'cut';
    await expect(postWebhook({ ...post, url: receiver.url })).rejects.toMatchObject({
      row: { code: 'webhook.unreachable' },
      detail: 'The connection failed: ECONNRESET.',
    });
  });

  test('to nobody is unreachable', async () => {
    const gone = await startWebhookReceiver();
    await gone.stop();
    await expect(postWebhook({ ...post, url: gone.url })).rejects.toEqual(failsWith(webhookErrors.unreachable));
  });
});

describe('a webhook over https', () => {
  const trusted = getCACertificates('default');
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    receiver = await startWebhookReceiver('https');
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await receiver.stop();
  });

  test('goes only to a receiver with a certificate that is trusted', async () => {
    await expect(postWebhook({ ...post, url: receiver.url })).rejects.toMatchObject({
      row: { code: 'webhook.unreachable' },
      detail: 'The connection failed: DEPTH_ZERO_SELF_SIGNED_CERT.',
    });
    expect(receiver.requests).toHaveLength(0);
    setDefaultCACertificates([...trusted, receiver.certificate]);
    expect(await postWebhook({ ...post, url: receiver.url })).toMatchObject({ status: 204 });
  });

  test('goes only to a receiver with a certificate for its name', async () => {
    setDefaultCACertificates([...trusted, receiver.certificate]);
    const byAddress = receiver.url.replace('localhost', '127.0.0.1');
    await expect(postWebhook({ ...post, url: byAddress })).rejects.toMatchObject({
      detail: 'The connection failed: ERR_TLS_CERT_ALTNAME_INVALID.',
    });
  });

  test('never connects to this machine, by name or by address (W1)', async () => {
    const before = receiver.connections();
    for (const host of ['localhost', '127.0.0.1', '[::1]', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]', '0']) {
      const url = receiver.url.replace('localhost', host);
      await expect(postWebhook({ ...post, url, allowPrivate: false })).rejects.toEqual(
        failsWith(webhookErrors.forbiddenAddress),
      );
    }
    expect(receiver.connections()).toBe(before);
  });
});

describe('a name', () => {
  type Found = string | { address: string; family: number }[];
  const resolved = (answers: Found[]) => {
    const resolve: LookupFunction = (_hostname, _options, callback) => {
      const found = answers.shift() ?? '';
      callback(null, found, typeof found === 'string' ? 4 : undefined);
    };
    const guarded = publicOnly(resolve);
    return () =>
      new Promise<Found>((done, fail) =>
        guarded('example.com', {}, (error, found) => (error ? fail(error) : done(found))),
      );
  };
  const both = (...addresses: string[]) => addresses.map((address) => ({ address, family: 4 }));

  test('that is public the first time and private the next is refused the next time (W1)', async () => {
    const look = resolved(['93.184.215.14', '127.0.0.1']);
    expect(await look()).toBe('93.184.215.14');
    await expect(look()).rejects.toEqual(failsWith(webhookErrors.forbiddenAddress));
  });

  test('with one private address among public ones is refused', async () => {
    const look = resolved([both('93.184.215.14', '1.1.1.1'), both('93.184.215.14', '169.254.169.254')]);
    expect(await look()).toHaveLength(2);
    await expect(look()).rejects.toEqual(failsWith(webhookErrors.forbiddenAddress));
  });

  test('that does not exist is unreachable', async () => {
    const url = 'https://does-not-exist.invalid/';
    await expect(postWebhook({ ...post, url, allowPrivate: false })).rejects.toEqual(
      failsWith(webhookErrors.unreachable),
    );
  });
});

describe('a URL', () => {
  test.each([
    ['http://example.com/', webhookErrors.badUrl],
    ['ftp://example.com/', webhookErrors.badUrl],
    ['file:///etc/passwd', webhookErrors.badUrl],
    ['example.com', webhookErrors.badUrl],
    ['', webhookErrors.badUrl],
    ['https://user:password@example.com/', webhookErrors.badUrl],
    ['https://user@example.com/', webhookErrors.badUrl],
    [`https://example.com/${'x'.repeat(2_048)}`, webhookErrors.badUrl],
    ['https://10.0.0.1/', webhookErrors.forbiddenAddress],
    ['https://[fd00:ec2::254]/', webhookErrors.forbiddenAddress],
    ['https://169.254.169.254/latest/meta-data', webhookErrors.forbiddenAddress],
  ])('such as %.60s is refused', (url, row) => {
    expect(() => checkedUrl(url)).toThrow(failsWith(row));
  });

  test.each([
    'https://example.com/hook?x=1',
    'https://example.com:8443/',
    'https://93.184.215.14/',
    'https://[2606:4700::1]/',
  ])('such as %s may be a webhook', (url) => {
    expect(checkedUrl(url).href).toBe(url);
  });

  test.each(['http://localhost:3000/', 'https://10.0.0.1/', 'http://[::1]/'])(
    'such as %s only in development',
    (url) => {
      expect(checkedUrl(url, true).href).toBe(url);
      expect(() => checkedUrl(url)).toThrow();
    },
  );

  test('is never other than http or https, in development neither', () => {
    expect(() => checkedUrl('file:///etc/passwd', true)).toThrow(failsWith(webhookErrors.badUrl));
  });
});
