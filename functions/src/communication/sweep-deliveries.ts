// The sweeper: once a minute, the deliveries that are due and the messages that were forgotten. Its cost follows the number of
// those; what is delivered or given up has no `wakeAt` and is never read.
import * as logger from 'firebase-functions/logger';
import { handleDue } from '../platform/due-batches.ts';
import { describeError, isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import { attemptDelivery, type AttemptOptions } from './attempt-delivery.ts';
import { continueDelivery } from './delivery.ts';
import { dueDeliveries, saveDelivery } from './deliveries.firestore.ts';
import { dispatchMessage } from './dispatch-message.ts';
import { findMessage, forgottenMessages, postponeMessage } from './messages.firestore.ts';
import type { Delivery, Message } from './schemas.ts';

/** Fewer than usual: each batch may take as long as its slowest receiver. */
const maxBatches = 20;

export const sweepDeliveries = async (options: AttemptOptions): Promise<void> => {
  await handleDue(forgottenMessages(options.now), (message) => dispatchForgotten(message, options), maxBatches);
  await handleDue(dueDeliveries(options.now), (delivery) => attemptDue(delivery, options), maxBatches);
};

// Each record's next look is moved first, so that two sweepers seldom do the same work, and one that fails does not hold up the
// rest.

const dispatchForgotten = (stored: Stored<Message>, options: AttemptOptions): Promise<void> =>
  orLog(stored.value, async () => {
    await postponeMessage(stored, options.now);
    await dispatchMessage(stored.value, options);
  });

const attemptDue = (stored: Stored<Delivery>, options: AttemptOptions): Promise<void> =>
  orLog(stored.value, async () => {
    const saved = await saveDelivery(continueDelivery(stored.value, options.now), stored.revision);
    const message = await findMessage(saved.value.org, saved.value.message);
    if (saved.value.state === 'pending' && message) await attemptDelivery(saved, message.value, options);
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
