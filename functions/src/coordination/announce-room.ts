// A task has ended, or its work has: whoever waits in the org's queue may have room now. Should the word get lost with its process, the
// sweeper looks at those who wait, though seldom.
import { describeError } from '../platform/errors.ts';
import { databaseTime } from '../platform/firestore.ts';
import * as logger from 'firebase-functions/logger';
import { publishOwn } from '../platform/pubsub.ts';
import type { OrgId } from '../platform/schemas.ts';
import { tasksInQueue } from './task-store.firestore.ts';

export const turnsTopic = 'coordination-turns';

/**
 * Says so if anybody waits: one read otherwise. False when the word did not get out: that is no failure of the one who tells, whose
 * task is where it is all the same.
 */
export const announceRoom = async (org: OrgId): Promise<boolean> => {
  try {
    const [waiting] = await tasksInQueue(org, databaseTime(), 1);
    if (waiting) await publishOwn(turnsTopic, { org }, { org });
    return true;
  } catch (error) {
    logger.warn('Nobody was told that there is room', { org, cause: describeError(error) });
    return false;
  }
};
