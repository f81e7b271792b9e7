// A task has ended: whoever waits in the org's queue may have room now. Should the word get lost, the sweeper looks at those who wait.
import { databaseTime } from '../platform/firestore.ts';
import * as logger from 'firebase-functions/logger';
import { publish } from '../platform/pubsub.ts';
import type { OrgId } from '../platform/schemas.ts';
import { tasksInQueue } from './task-store.firestore.ts';

export const turnsTopic = 'coordination-turns';

/** Says so if anybody waits: one read otherwise. Never fails: the end of the task stands whether or not the word gets out. */
export const announceRoom = async (org: OrgId): Promise<void> => {
  try {
    const [waiting] = await tasksInQueue(org, databaseTime(), 1);
    if (waiting) await publish(turnsTopic, { org }, { org });
  } catch (error) {
    logger.warn('Nobody was told that there is room', { org, error });
  }
};
