// What comes after an assignment that is over. Safe to do again: a redelivered message, and the recovery of an instance that died
// in between, end up here (C5, C9).
import { databaseTime } from '../platform/firestore.ts';
import { dispatchSuccessors } from './dispatch.ts';
import { failTaskOf, finishTask } from './finish-task.ts';
import type { Artifact, Assignment } from './schemas.ts';
import { hasUnfinishedAssignment } from './task-store.firestore.ts';

/** `made`: what the caller has at hand, to go with the successors' directives. */
export const follow = async (done: Assignment, made: readonly Artifact[] = []): Promise<void> => {
  const { org, task, state } = done;
  if (state === 'failed') return failTaskOf(done);
  if (state !== 'succeeded') return;
  await dispatchSuccessors(done, made);
  if (done.successors.length > 0) return;
  if (done.last || !(await hasUnfinishedAssignment(org, task))) await finishTask(org, task, databaseTime());
};
