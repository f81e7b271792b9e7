// One request to a webhook, as the outcome of an attempt.
import { AppError } from '../platform/errors.ts';
import { postWebhook, type WebhookReply } from '../platform/webhook.ts';
import { attemptTimeoutMs, type Outcome } from './delivery.ts';
import type { Webhook, WebhookSecret } from './schemas.ts';

export interface Endpoint {
  readonly webhook: Webhook;
  readonly secret: WebhookSecret;
}

export interface Posting {
  readonly deliveryId: string;
  readonly body: string;
  readonly now: Date;
  /** For development: permits http and addresses that are not public. */
  readonly allowPrivate: boolean;
}

/** What a receiver says besides its status is for nobody. */
const maxReplyBytes = 64 * 1_024;

/** Resolves with what came of it, also when that is nothing good. */
export const postToEndpoint = async ({ webhook, secret }: Endpoint, posting: Posting): Promise<Outcome> => {
  const startedAt = performance.now();
  const ms = () => Math.round(performance.now() - startedAt);
  try {
    const reply = await postWebhook({
      ...posting,
      url: webhook.url,
      secret: secretsAt(secret, posting.now),
      timeoutMs: attemptTimeoutMs,
      maxReplyBytes,
    });
    return { ...outcomeOf(reply), ms: ms() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, detail, row } = error;
    const described = { status: null, error: `${code}: ${detail}`, ms: ms() };
    return { outcome: 'unreachable', ...described, final: row.retry === 'never' };
  }
};

const secretsAt = ({ current, previous }: WebhookSecret, now: Date): string[] =>
  previous && now < previous.until ? [current, previous.secret] : [current];

/** The receiver says that it is gone for good. */
const gone = 410;

const outcomeOf = ({ status, retryAfterMs }: WebhookReply): Omit<Outcome, 'ms'> =>
  status >= 200 && status < 300
    ? { outcome: 'accepted', status, error: null }
    : { outcome: 'refused', status, error: `HTTP ${status}`, retryAfterMs, final: status === gone };
