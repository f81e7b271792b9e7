// The signature of a webhook: who sent it, that nobody changed it, and that it is not an old one sent again. Headers, secrets and
// what is signed are those of Standard Webhooks, so that receivers can use its libraries.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const secretBytes = 32;
const secretFormat = /^whsec_([A-Za-z0-9+/]{32,}={0,2})$/;

/** Clocks differ, and a request may be under way for a while; beyond that it is a replay. */
const toleranceSeconds = 5 * 60;

export const newWebhookSecret = (): string => `whsec_${randomBytes(secretBytes).toString('base64')}`;

export interface SignedContent {
  readonly deliveryId: string;
  readonly body: string;
  readonly now: Date;
}

/** The headers that identify and sign a request; with several secrets, one signature for each. */
export const webhookHeaders = (
  { deliveryId, body, now }: SignedContent,
  secrets: readonly string[],
): Record<string, string> => {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  return {
    'Webhook-Id': deliveryId,
    'Webhook-Timestamp': timestamp,
    'Webhook-Signature': secrets.map((secret) => `v1,${digest({ timestamp, deliveryId, body }, secret)}`).join(' '),
  };
};

/** Headers with names in lower case, as node:http gives them to a receiver. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Was this body, as it came, signed with the secret within five minutes of `now`? */
export const verifyWebhook = (headers: ReceivedHeaders, body: string, secret: string, now: Date): boolean => {
  const [deliveryId, timestamp, signatures] = ['id', 'timestamp', 'signature'].map(
    (name) => headers[`webhook-${name}`],
  );
  if (typeof deliveryId !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false;
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > toleranceSeconds) return false;
  const expected = `v1,${digest({ timestamp, deliveryId, body }, secret)}`;
  return signatures.split(' ').some((signature) => equal(signature, expected));
};

const digest = (signed: { timestamp: string; deliveryId: string; body: string }, secret: string): string =>
  createHmac('sha256', keyOf(secret))
    .update(`${signed.deliveryId}.${signed.timestamp}.${signed.body}`)
    .digest('base64');

const keyOf = (secret: string): Buffer => {
  const encoded = secretFormat.exec(secret)?.[1];
  // Anything else would be a weak key, or none.
  if (encoded === undefined) throw new Error('A webhook secret is `whsec_` and at least 24 bytes in base64.');
  return Buffer.from(encoded, 'base64');
};

const equal = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};
