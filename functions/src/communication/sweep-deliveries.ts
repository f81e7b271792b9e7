// The sweeper: once a minute, the deliveries that are due and the messages that were forgotten. Its cost follows the number of
// those; what is delivered or given up has no `wakeAt` and is never read.
import * as logger from 'firebase-functions/logger';
import { handleDue, type SweepLimits } from '../platform/due-records.ts';
import { describeError, isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import { attemptDelivery } from './attempt-delivery.ts';
import { continueDelivery } from './delivery.ts';
import { dueDeliveries, saveDelivery } from './deliveries.firestore.ts';
import { dispatchMessage } from './dispatch-message.ts';
import { findMessage, forgottenMessages, postponeMessage } from './messages.firestore.ts';
import type { Delivery, Message } from './schemas.ts';

/** Fewer than usual: each may take as long as its receiver. A delivery is small, and its message up to 256 KiB of content. */
const limits: SweepLimits = { most: 2_000, atOnce: 64 };

export interface SweepOptions {
  /** A sweep may take minutes: what it begins with a record begins at that record's own time. */
  readonly now: () => Date;
  /** For development: permits webhooks that are not on the public internet. */
  readonly allowPrivate: boolean;
}

export const sweepDeliveries = async (options: SweepOptions): Promise<void> => {
  const dueBy = options.now();
  await handleDue(forgottenMessages(dueBy), (message) => dispatchForgotten(message, options), limits);
  await handleDue(dueDeliveries(dueBy), (delivery) => attemptDue(delivery, options), limits);
};

// Each record's next look is moved first, so that two sweepers seldom do the same work, and one that fails does not hold up the
// rest.

const dispatchForgotten = (stored: Stored<Message>, { now: clock, allowPrivate }: SweepOptions): Promise<void> =>
  orLog(stored.value, async () => {
    const now = clock();
    await postponeMessage(stored, now);
    await dispatchMessage(stored.value, { now, allowPrivate });
  });

const attemptDue = (stored: Stored<Delivery>, { now: clock, allowPrivate }: SweepOptions): Promise<void> =>
  orLog(stored.value, async () => {
    const now = clock();
    const saved = await saveDelivery(continueDelivery(stored.value, now), stored.revision);
    const message = await findMessage(saved.value.org, saved.value.message);
    if (saved.value.state === 'pending' && message) await attemptDelivery(saved, message.value, { now, allowPrivate });
  });

const orLog = async ({ org, id }: Message | Delivery, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    // Another sweeper was faster.
    if (isError(error, storeErrors.conflict)) return;
    logger.error('What was due could not be sent', { org, id, cause: describeError(error) });
  }
};
