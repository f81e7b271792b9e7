// What time does to requests that nobody has decided: reminders, then the end. Its cost follows the number of requests that are due;
// those that are over have no `wakeAt` and are never read.
import * as logger from 'firebase-functions/logger';
import { addMessage } from '../../communication/index.ts';
import { handleDue } from '../../platform/due-records.ts';
import { describeError } from '../../platform/errors.ts';
import { isLostRace, type Stored } from '../../platform/firestore.ts';
import { expire, remind } from './approval-state.ts';
import { approvalsToWake, saveApproval } from './approvals.firestore.ts';
import { reminderOf } from './message.ts';
import type { Approval } from './schemas.ts';

/**
 * Reminds of every request for which it is time, and expires those whose deadline has come; one that is decided meanwhile stays
 * decided (A1 and A7 of approval-state.ts).
 */
export const expireDueApprovals = (now: Date): Promise<void> =>
  handleDue(approvalsToWake(now), (each) => wakeOne(each, now));

const wakeOne = async (stored: Stored<Approval>, now: Date): Promise<void> => {
  const { org, id } = stored.value;
  try {
    await wake(stored, now);
  } catch (error) {
    if (isLostRace(error)) return;
    logger.error('approval request could not be reminded of or expired', {
      org,
      approval: id,
      cause: describeError(error),
    });
  }
};

const wake = async (stored: Stored<Approval>, now: Date): Promise<void> => {
  const expired = expire(stored.value, now);
  if (expired !== stored.value) {
    await saveApproval(stored, expired);
    return;
  }
  const reminded = remind(stored.value, now);
  if (reminded !== stored.value)
    await saveApproval(stored, reminded, (batch) => addMessage(batch, reminderOf(reminded), now));
};
