// The end of requests that nobody decided. Its cost follows the number of requests that are due; those that are over have no
// `wakeAt` and are never read.
import * as logger from 'firebase-functions/logger';
import { isLostRace } from '../../platform/firestore.ts';
import { expire } from './approval-state.ts';
import { approvalsToWake, saveApproval, type DueApproval } from './approvals.firestore.ts';

const batchSize = 100;
/** Ends a sweep that makes no progress, or would outlast its function: the next one goes on. */
const maxBatches = 50;

/** Expires every request whose deadline has come; one that somebody decides meanwhile stays decided (A1). */
export const expireDueApprovals = async (now: Date): Promise<void> => {
  for (let batch = 0; batch < maxBatches; batch++) {
    const due = await approvalsToWake(now, batchSize);
    await Promise.all(due.map((each) => expireOne(each, now)));
    if (due.length < batchSize) return;
  }
};

const expireOne = async ({ path, read }: DueApproval, now: Date): Promise<void> => {
  try {
    const stored = read();
    await saveApproval(stored, expire(stored.value, now));
  } catch (error) {
    if (isLostRace(error)) return;
    logger.error('An approval request could not be expired', { path, error });
  }
};
