// The one door for calling addresses that users give us.
//
// W1. Only https, and only the public internet: the address that is checked is the one that is connected to, so a name that
//     resolves differently the next time gains nothing.
// W2. A redirect is an answer like any other; it is not followed.
// W3. A receiver can neither keep us waiting nor fill our memory: the whole exchange has a deadline, the reply a size. Of a reply that
//     is longer nothing is handed on: its start could pass for the whole.
import { once } from 'node:events';
import { lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { cross } from './crossings.ts';
import { AppError, defineErrors } from './errors.ts';
import { isPublicAddress } from './public-address.ts';
import { retryAfterMs } from './retry-after.ts';
import { webhookHeaders } from './webhook-signature.ts';

export { newWebhookSecret, verifyWebhook } from './webhook-signature.ts';

export const webhookErrors = defineErrors('webhook', {
  badUrl: { status: 422, title: 'The URL cannot be that of a webhook', retry: 'never' },
  forbiddenAddress: { status: 422, title: 'The webhook is not on the public internet', retry: 'never' },
  unreachable: { status: 502, title: 'The webhook did not answer', retry: 'later' },
});

const maxUrlChars = 2_048;

export interface WebhookPost {
  readonly url: string;
  /** Several while a secret is being replaced: the receiver accepts the request if it knows one of them. */
  readonly secret: string | readonly string[];
  /** The receiver's key for telling a repetition: the same for every attempt. */
  readonly deliveryId: string;
  /** JSON. */
  readonly body: string;
  readonly now: Date;
  readonly timeoutMs: number;
  /** As much as the caller has a use for. */
  readonly maxReplyBytes: number;
  /** For development: permits http and addresses that are not public. */
  readonly allowPrivate?: boolean;
}

export interface WebhookReply {
  readonly status: number;
  /** Undefined when it is longer than `maxReplyBytes`. */
  readonly body: string | undefined;
  /** What the receiver asks for by `Retry-After`. */
  readonly retryAfterMs: number | undefined;
}

/**
 * Posts once and resolves with whatever the receiver answered. Throws `webhook.bad_url` and `webhook.forbidden_address` without
 * having sent anything, and `webhook.unreachable` when nobody knows whether the request was received.
 */
export const postWebhook = async (post: WebhookPost): Promise<WebhookReply> => {
  const url = checkedUrl(post.url, post.allowPrivate);
  return cross('http.post', () => send(url, post));
};

/** The URL of a webhook. Throws `webhook.bad_url`, and `webhook.forbidden_address` when it holds an address that is not public. */
export const checkedUrl = (text: string, allowPrivate = false): URL => {
  const url = text.length <= maxUrlChars ? URL.parse(text) : null;
  if (!url)
    throw new AppError(webhookErrors.badUrl, { detail: `It is not a URL of at most ${maxUrlChars} characters.` });
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    throw new AppError(webhookErrors.badUrl, { detail: 'It must begin with https://.' });
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError(webhookErrors.badUrl, { detail: 'It must not hold a name or password.' });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // The connection looks up names only, so an address is checked here.
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw new AppError(webhookErrors.forbiddenAddress);
  return url;
};

/** Looks up a name, and fails with `webhook.forbidden_address` if any of its addresses is not public (W1). */
export const publicOnly =
  (resolve: LookupFunction): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
      callback(addresses.every(isPublicAddress) ? null : new AppError(webhookErrors.forbiddenAddress), found, family);
    });
  };

const send = async (url: URL, post: WebhookPost): Promise<WebhookReply> => {
  const signal = AbortSignal.timeout(post.timeoutMs);
  try {
    const response = await respond(url, post, signal);
    return {
      status: response.statusCode ?? 0,
      body: await readWhole(response, post.maxReplyBytes),
      retryAfterMs: retryAfterMs(response.headers),
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const detail = signal.aborted ? `No answer within ${post.timeoutMs} ms.` : describe(error);
    throw new AppError(webhookErrors.unreachable, { detail, cause: error });
  }
};

const respond = async (url: URL, post: WebhookPost, signal: AbortSignal): Promise<IncomingMessage> => {
  const options: RequestOptions = {
    method: 'POST',
    // A connection of its own: one that is kept could have been checked for somebody else, or be dead.
    agent: false,
    signal,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'backend-coordinator',
      ...webhookHeaders(post, [post.secret].flat()),
    },
    ...(!post.allowPrivate && { lookup: publicOnly(lookup) }),
  };
  const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
  request.end(post.body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
};

/** Leaving the loop early closes the connection (W3). */
const readWhole = async (response: IncomingMessage, maxBytes: number): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
};

// Codes such as ECONNREFUSED or CERT_HAS_EXPIRED: they tell the owner of the URL what to mend, and nothing else.
const describe = (error: unknown): string => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `The connection failed: ${code}.` : 'The connection failed.';
};
