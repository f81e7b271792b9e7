import { firestore, parseSnapshot, readQuery, type Batch } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { effect, listedEffect, type Effect, type ListedEffect } from './effects.ts';
import type { AssignmentId, TaskId } from './schemas.ts';

const effectsOf = (org: OrgId, task: TaskId) =>
  firestore().collection('orgs').doc(org).collection('tasks').doc(task).collection('effects');

/** Puts an effect into the commit that claims, repairs or ends the work: the claim's epoch guards it. */
export const writeEffect = (batch: Batch, written: Effect): void => {
  batch.set(effectsOf(written.org, written.task).doc(written.id), written);
};

export const effectsOfAssignment = async (org: OrgId, task: TaskId, assignment: AssignmentId): Promise<Effect[]> => {
  const found = await readQuery(effectsOf(org, task).where('assignment', '==', assignment));
  return found.map((snapshot) => parseSnapshot(effect, snapshot).value);
};

/** Those that were started and have not ended. */
export const openEffects = async (org: OrgId, task: TaskId, assignment: AssignmentId): Promise<Effect[]> =>
  (await effectsOfAssignment(org, task, assignment)).filter(({ state }) => state === 'intended');

/** All effects of a task, in the order in which they were last started. Refused answers stay in the database. */
export const effectsOfTask = async (org: OrgId, task: TaskId): Promise<ListedEffect[]> => {
  const found = await readQuery(effectsOf(org, task).select(...Object.keys(listedEffect.shape)));
  return found
    .map((snapshot) => parseSnapshot(listedEffect, snapshot).value)
    .sort((a, b) => a.intendedAt.getTime() - b.intendedAt.getTime());
};
