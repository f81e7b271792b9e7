import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newWebhookSecret, verifyWebhook, webhookHeaders, type ReceivedHeaders } from './webhook-signature.ts';

const secret = newWebhookSecret();
const now = new Date('2026-11-22T10:00:00.900Z');
const signed = { deliveryId: 'msg_1', body: '{"status":"update"}', now };

/** As a receiver gets them. */
const received = (headers: Record<string, string>): ReceivedHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
const headers = received(webhookHeaders(signed, [secret]));

test('the signature is the HMAC-SHA256 of id, timestamp and body under the decoded secret', () => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const digest = createHmac('sha256', key).update('msg_1.1795341600.{"status":"update"}').digest('base64');
  expect(webhookHeaders(signed, [secret])).toEqual({
    'Webhook-Id': 'msg_1',
    'Webhook-Timestamp': '1795341600',
    'Webhook-Signature': `v1,${digest}`,
  });
});

test('secrets are 256 bits, each a new one', () => {
  expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
  expect(newWebhookSecret()).not.toBe(secret);
});

test.each(['', 'whsec_', 'secret', 'whsec_short', `whsec_${'!'.repeat(40)}`])('%j cannot sign', (weak) => {
  expect(() => webhookHeaders(signed, [weak])).toThrow('secret');
});

describe('a receiver', () => {
  const verify = (changed: ReceivedHeaders = {}, body = signed.body, at = now) =>
    verifyWebhook({ ...headers, ...changed }, body, secret, at);
  const minutes = (count: number) => new Date(now.getTime() + count * 60_000);

  test('accepts what was signed, with clocks up to five minutes apart', () => {
    expect([verify(), verify({}, signed.body, minutes(4.9)), verify({}, signed.body, minutes(-4.9))]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('refuses an old request, and one from the future', () => {
    expect([verify({}, signed.body, minutes(5.1)), verify({}, signed.body, minutes(-5.1))]).toEqual([false, false]);
  });

  test('refuses another body, id, time or secret', () => {
    expect(verify({}, `${signed.body} `)).toBe(false);
    expect(verify({ 'webhook-id': 'msg_2' })).toBe(false);
    expect(verify({ 'webhook-timestamp': '1795341601' })).toBe(false);
    expect(verifyWebhook(headers, signed.body, newWebhookSecret(), now)).toBe(false);
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('refuses a request without %s', (name) => {
    expect(verify({ [name]: undefined })).toBe(false);
    expect(verify({ [name]: ['a', 'b'] })).toBe(false);
  });

  test.each(['v1,', 'v1', '', 'v2,AAAA', 'v1,AAAA'])('refuses the signature %j', (signature) => {
    expect(verify({ 'webhook-signature': signature })).toBe(false);
  });

  test.each(['NaN', '1e9', '-1', ' 1795341600', ''])('refuses the time %j', (timestamp) => {
    expect(verify({ 'webhook-timestamp': timestamp })).toBe(false);
  });

  test('accepts either secret while one replaces the other', () => {
    const next = newWebhookSecret();
    const both = received(webhookHeaders(signed, [next, secret]));
    expect([secret, next].map((each) => verifyWebhook(both, signed.body, each, now))).toEqual([true, true]);
    expect(verifyWebhook(both, signed.body, newWebhookSecret(), now)).toBe(false);
  });

  test('accepts every body as it was signed, and none that differs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (body, other) => {
        const sent = received(webhookHeaders({ ...signed, body }, [secret]));
        expect(verifyWebhook(sent, body, secret, now)).toBe(true);
        // Lone surrogates all encode to the same replacement character.
        if (other.toWellFormed() !== body.toWellFormed()) expect(verifyWebhook(sent, other, secret, now)).toBe(false);
      }),
    );
  });
});
