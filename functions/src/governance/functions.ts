import { onDocumentCreated } from 'firebase-functions/v2/firestore';
import { onSchedule } from 'firebase-functions/v2/scheduler';
import { region } from '../config.ts';
import { databaseTime } from '../platform/firestore.ts';
import { expireDueApprovals } from './approvals/expire-approvals.ts';
import { climbLadders, handleSignal } from './escalations/climb-ladders.ts';
import { parseSignal } from './escalations/signals.firestore.ts';

/** Ends the approval requests that nobody decided in time. */
export const expireApprovals = onSchedule(
  { schedule: 'every 1 minutes', region, timeoutSeconds: 300, memory: '256MiB' },
  async () => {
    await expireDueApprovals(databaseTime());
  },
);

/** A signal in a commit becomes an escalation, and the first party is told. */
export const raiseEscalations = onDocumentCreated(
  { document: 'orgs/{org}/escalationSignals/{signal}', region, retry: true, memory: '256MiB', concurrency: 40 },
  async ({ data }) => {
    // One that was counted and taken off the list before its event was made comes without content.
    if (!data?.exists) return;
    const { org, cause } = parseSignal(data);
    await handleSignal(org, cause, databaseTime());
  },
);

/** Tells the next party of the escalations that nobody has acknowledged. */
export const climbEscalations = onSchedule(
  { schedule: 'every 1 minutes', region, timeoutSeconds: 300, memory: '256MiB' },
  async () => {
    await climbLadders(databaseTime());
  },
);
