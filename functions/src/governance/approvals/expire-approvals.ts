// The end of requests that nobody decided. Its cost follows the number of requests that are due; those that are over have no
// `wakeAt` and are never read.
import * as logger from 'firebase-functions/logger';
import { handleDue } from '../../platform/due-batches.ts';
import { describeError } from '../../platform/errors.ts';
import { isLostRace, type Stored } from '../../platform/firestore.ts';
import { expire } from './approval-state.ts';
import { approvalsToWake, saveApproval } from './approvals.firestore.ts';
import type { Approval } from './schemas.ts';

/** Expires every request whose deadline has come; one that somebody decides meanwhile stays decided (A1 of approval-state.ts). */
export const expireDueApprovals = (now: Date): Promise<void> =>
  handleDue(approvalsToWake(now), (each) => expireOne(each, now));

const expireOne = async (stored: Stored<Approval>, now: Date): Promise<void> => {
  const { org, id } = stored.value;
  try {
    await saveApproval(stored, expire(stored.value, now));
  } catch (error) {
    if (isLostRace(error)) return;
    logger.error('An approval request could not be expired', { org, approval: id, cause: describeError(error) });
  }
};
