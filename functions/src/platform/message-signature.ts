// Which messages on our topics are our own. A topic takes what anybody with the right to publish sends, and a dead letter may be sent
// again; only the service knows the key, so a message with a valid signature says what the service said, and nothing else.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The attribute of a message that carries its signature. */
export const signatureAttribute = 'signature';

/** What is signed: the topic too, so that a message for one topic proves nothing on another. */
export interface SignedText {
  readonly topic: string;
  readonly text: string;
}

/** HMAC-SHA256 over topic and text. */
export const signatureOf = ({ topic, text }: SignedText, key: string): string =>
  createHmac('sha256', key).update(`${topic}\n${text}`).digest('base64url');

export const isSignedBy = (signed: SignedText, signature: string, key: string): boolean => {
  const [given, right] = [Buffer.from(signature), Buffer.from(signatureOf(signed, key))];
  return given.length === right.length && timingSafeEqual(given, right);
};
