// The edge for events: parse, log one line, and decide whether the message is done, comes again, or is kept as a dead letter.
// Nothing is lost: a message that can never succeed is kept with its reason before it is acknowledged.
import * as logger from 'firebase-functions/logger';
import { onMessagePublished, type MessagePublishedData, type PubSubOptions } from 'firebase-functions/v2/pubsub';
import type { CloudEvent } from 'firebase-functions/v2/core';
import type { z } from 'zod';
import { errorTexts } from './error-texts.ts';
import { AppError, describeError, platformErrors, type FieldError } from './errors.ts';
import { fieldErrors, invalidInput } from './field-errors.ts';
import { isOwnMessage } from './message-key.firestore.ts';
import { signatureAttribute } from './message-signature.ts';
import { findUnstorable } from './storable.ts';

export interface Message<T> {
  readonly payload: T;
  readonly messageId: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Did the service publish it, as it is? Otherwise it may say anything. */
  readonly isOurs: boolean;
}

export interface PoisonMessage {
  readonly source: string;
  readonly messageId: string;
  /** As it came, decoded to text. */
  readonly payload: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly isOurs: boolean;
  readonly reason: { readonly code: string; readonly detail: string; readonly errors: readonly FieldError[] };
}

export interface MessageFunction<S extends z.ZodType> {
  readonly topic: string;
  readonly schema: S;
  /** Its messages are written by others: one with text that cannot be stored is refused. */
  readonly fromOutside?: boolean;
  readonly options: Omit<PubSubOptions, 'topic' | 'retry'>;
  /** Keeps a message that can never be handled; must be idempotent. */
  readonly keep: (poison: PoisonMessage) => Promise<void>;
  readonly handle: (message: Message<z.output<S>>) => Promise<void>;
}

/** Retries end here: what has failed for so long is kept instead. */
const maxAgeMs = 60 * 60 * 1_000;

/** A function on a topic, with the platform's retry on. */
export const messageFunction = <S extends z.ZodType>(spec: MessageFunction<S>) =>
  onMessagePublished({ ...spec.options, topic: spec.topic, retry: true }, (event) => deliver(spec, event));

const deliver = async <S extends z.ZodType>(
  { topic, schema, fromOutside = false, keep, handle }: MessageFunction<S>,
  event: CloudEvent<MessagePublishedData>,
): Promise<void> => {
  const startedAt = Date.now();
  const { message } = event.data;
  const { messageId, attributes } = message;
  const text = Buffer.from(message.data, 'base64').toString('utf8');
  const log = (severity: 'info' | 'warn' | 'error', code: string, cause?: unknown) =>
    logger[severity]('message', {
      topic,
      messageId,
      code,
      ms: Date.now() - startedAt,
      ...(cause ? { cause: describeError(cause) } : {}),
    });
  let isOurs = false;
  try {
    isOurs = await isOwnMessage({ topic, text }, attributes[signatureAttribute]);
    await handle({ payload: parseMessage(schema, text, fromOutside), messageId, attributes, isOurs });
    log('info', 'ok');
  } catch (error) {
    const code = error instanceof AppError ? error.code : platformErrors.internal.code;
    const expired = startedAt - Date.parse(event.time) > maxAgeMs;
    if (!expired && !(error instanceof AppError && error.row.retry === 'never')) {
      log(error instanceof AppError ? 'info' : 'warn', code, error instanceof AppError ? undefined : error);
      // The platform logs what is thrown, message and all; what we did not throw ourselves may quote the message.
      throw error instanceof AppError ? error : new AppError(platformErrors.internal);
    }
    await keep({ source: topic, messageId, payload: text, attributes, isOurs, reason: reasonOf(error) });
    log('error', code, error);
  }
};

const reasonOf = (error: unknown): PoisonMessage['reason'] =>
  error instanceof AppError
    ? { code: error.code, detail: error.detail, errors: error.errors }
    : { code: platformErrors.internal.code, detail: 'It kept failing until it was too old.', errors: [] };

/** Throws `platform.invalid_input` with every failing field. */
const parseMessage = <S extends z.ZodType>(schema: S, text: string, fromOutside: boolean): z.output<S> => {
  const json = parseJson(text);
  const unstorable = fromOutside ? findUnstorable(json) : [];
  if (unstorable.length > 0) throw invalidInput(unstorable);
  const parsed = schema.safeParse(json, { error: errorTexts });
  if (parsed.success) return parsed.data;
  throw invalidInput(fieldErrors(parsed.error));
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError(platformErrors.invalidInput, {
      detail: 'The message is not JSON.',
      errors: [{ pointer: '#', detail: 'must be JSON' }],
      cause,
    });
  }
};
