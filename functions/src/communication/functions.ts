import { onDocumentCreated } from 'firebase-functions/v2/firestore';
import { onSchedule } from 'firebase-functions/v2/scheduler';
import { region, webhookAllowPrivate } from '../config.ts';
import { databaseTime, parseSnapshot } from '../platform/firestore.ts';
import { dispatchMessage } from './dispatch-message.ts';
import { message } from './schemas.ts';
import { sweepDeliveries } from './sweep-deliveries.ts';

/** The created document is the message: what is committed is sent (C5). */
export const deliverMessage = onDocumentCreated(
  {
    document: 'orgs/{org}/messages/{message}',
    region,
    retry: true,
    timeoutSeconds: 120,
    memory: '256MiB',
    concurrency: 80,
  },
  async ({ data }) => {
    if (!data) return;
    const options = { now: databaseTime(), allowPrivate: webhookAllowPrivate.value() };
    await dispatchMessage(parseSnapshot(message, data).value, options);
  },
);

/** Attempts again what failed, and finds whatever a crash left. */
export const retryDeliveries = onSchedule(
  { schedule: 'every 1 minutes', region, timeoutSeconds: 540, memory: '256MiB' },
  async () => {
    await sweepDeliveries({ now: databaseTime, allowPrivate: webhookAllowPrivate.value() });
  },
);
