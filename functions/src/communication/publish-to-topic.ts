// One try to put a message on its topic, as the outcome of an attempt.
import { setTimeout as delay } from 'node:timers/promises';
import { cutText } from '../platform/cut-text.ts';
import { publishToNew } from '../platform/pubsub.ts';
import { attemptTimeoutMs, type Outcome } from './delivery.ts';
import { attributesOf, topicOf } from './payload.ts';
import type { Message } from './schemas.ts';

/** Resolves with what came of it, also when that is nothing good. What is given up may arrive yet: a consumer drops repetitions. */
export const publishToTopic = async (message: Message): Promise<Outcome> => {
  const startedAt = performance.now();
  const ms = () => Math.round(performance.now() - startedAt);
  try {
    await inTime(publishToNew(topicOf(message), message.body, attributesOf(message)));
    return { outcome: 'accepted', status: null, error: null, ms: ms() };
  } catch (error) {
    return { outcome: 'unreachable', status: null, error: sentence(error), ms: ms() };
  }
};

/** The client of Pub/Sub tries for minutes: webhooks must not wait for that. */
const inTime = async (publishing: Promise<unknown>): Promise<void> => {
  const over = new AbortController();
  const tooLong = delay(attemptTimeoutMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`No answer within ${attemptTimeoutMs / 1_000} s.`);
  });
  try {
    await Promise.race([publishing, tooLong]);
  } finally {
    over.abort();
  }
};

const maxSentenceChars = 500;

const sentence = (error: unknown): string =>
  cutText(error instanceof Error ? error.message : String(error), maxSentenceChars);
