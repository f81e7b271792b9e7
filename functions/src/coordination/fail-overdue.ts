import { randomUUID } from 'node:crypto';
import { databaseTime, isLostRace, type Batch, type Stored } from '../platform/firestore.ts';
import { hasOpenCall } from './assignment-state.ts';
import { assignmentChange } from './changes.ts';
import { openEffects, writeEffect } from './effects.firestore.ts';
import { coordinationErrors } from './errors.ts';
import { follow } from './follow.ts';
import { instanceId } from './instance.firestore.ts';
import type { Assignment, AssignmentEventBody } from './schemas.ts';
import { saveTask } from './task-store.firestore.ts';

/** Fails an assignment whose time is up. One that has changed since it was read is left to whoever changed it, and to the sweeper. */
export const failOverdue = async (stored: Stored<Assignment>): Promise<void> => {
  const { org, task, id } = stored.value;
  const { code, title: detail } = coordinationErrors.deadlineExceeded;
  const now = databaseTime();
  const failed = { type: 'assignment.failed' as const, data: { failure: { code, detail }, calls: [] } };
  const change = assignmentChange(stored, [...takenOver(stored.value), failed], now);
  const open = await openEffects(org, task, id);
  const also = (batch: Batch) => {
    const { epoch } = change.after;
    for (const effect of open) writeEffect(batch, { ...effect, epoch, state: 'unknown', endedAt: now });
  };
  try {
    await saveTask({ org, id: task, assignments: [change], also });
  } catch (error) {
    if (isLostRace(error)) return;
    throw error;
  }
  await follow(change.after);
};

/** From whoever holds it, as a claim does: by the epoch its late word is told apart, and what it had asked counts as lost (C2, C3). */
const takenOver = (assignment: Assignment): AssignmentEventBody[] => {
  const { state, epoch, agentVersion } = assignment;
  if (state !== 'running') return [];
  const run = randomUUID();
  const owner = { instance: instanceId, run, message: run };
  const data = { epoch: epoch + 1, owner, leaseUntil: null, agentVersion, lostCall: hasOpenCall(assignment) };
  return [{ type: 'assignment.started', data }];
};
