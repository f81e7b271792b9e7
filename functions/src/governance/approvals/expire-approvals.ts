// The end of requests that nobody decided. Its cost follows the number of requests that are due; those that are over have no
// `wakeAt` and are never read.
import * as logger from 'firebase-functions/logger';
import { inDueBatches } from '../../platform/due-batches.ts';
import { isLostRace } from '../../platform/firestore.ts';
import { expire } from './approval-state.ts';
import { approvalsToWake, saveApproval, type DueApproval } from './approvals.firestore.ts';

/** Expires every request whose deadline has come; one that somebody decides meanwhile stays decided (A1 of approval-state.ts). */
export const expireDueApprovals = (now: Date): Promise<void> =>
  inDueBatches(
    (limit) => approvalsToWake(now, limit),
    (each) => expireOne(each, now),
  );

const expireOne = async ({ path, read }: DueApproval, now: Date): Promise<void> => {
  try {
    const stored = read();
    await saveApproval(stored, expire(stored.value, now));
  } catch (error) {
    if (isLostRace(error)) return;
    logger.error('An approval request could not be expired', { path, error });
  }
};
