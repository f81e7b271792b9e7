// Taking an assignment: one conditional write, no read in the ordinary case. The directive carries the record and the revision
// it was sent from; if the record has changed since, the write is refused and the stored record decides (C2).
import { AppError } from '../platform/errors.ts';
import { isLostRace, type Stored } from '../platform/firestore.ts';
import { assignmentChange } from './changes.ts';
import { coordinationErrors } from './errors.ts';
import { isAlive, writeHeartbeat } from './instance.firestore.ts';
import type { Assignment, Directive, Owner } from './schemas.ts';
import { isAssignmentOver } from './state.ts';
import { findAssignment, hasUnfinishedPredecessor, saveTask } from './task-store.firestore.ts';

export type Claim =
  | { readonly outcome: 'claimed'; readonly assignment: Stored<Assignment> }
  /** Somebody finished it before; what follows from that may still be undone. */
  | { readonly outcome: 'over'; readonly assignment: Stored<Assignment> }
  /** Not there, not yet free, or in the hands of another message: nothing to do for this one. */
  | { readonly outcome: 'idle' };

/**
 * Claims the directive's assignment for `owner`. While a living instance holds it because of another message, this one is not needed:
 * that other comes again if the instance dies. Throws `coordination.leased` when it is this very message, delivered again.
 */
export const claim = async (directive: Directive, owner: Owner, now: Date): Promise<Claim> => {
  const sent = { value: directive.record, revision: directive.revision };
  if (sent.value.state === 'ready' || sent.value.state === 'blocked') {
    const claimed = await take(sent, owner, now);
    if (claimed) return { outcome: 'claimed', assignment: claimed };
  }
  return claimStored(directive, owner, now);
};

const claimStored = async (directive: Directive, owner: Owner, now: Date): Promise<Claim> => {
  const { org, task, assignment: id } = directive;
  const stored = await findAssignment(org, task, id);
  if (!stored) return { outcome: 'idle' };
  const { value, revision } = stored;
  if (isAssignmentOver(value)) return { outcome: 'over', assignment: stored };
  if (value.owner && (await isAlive(value.owner, revision))) {
    if (value.owner.message !== owner.message) return { outcome: 'idle' };
    throw new AppError(coordinationErrors.leased, { context: { task, assignment: id } });
  }
  if (value.state === 'blocked' && (await hasUnfinishedPredecessor(org, task, id))) return { outcome: 'idle' };
  const claimed = await take(stored, owner, now);
  // Lost a race just now: the message comes again and finds out how it ended.
  if (!claimed) throw new AppError(coordinationErrors.leased, { context: { task, assignment: id } });
  return { outcome: 'claimed', assignment: claimed };
};

/** The record as claimed, or undefined when it is no longer at that revision. */
const take = async (stored: Stored<Assignment>, owner: Owner, now: Date): Promise<Stored<Assignment> | undefined> => {
  const { value } = stored;
  const started = {
    type: 'assignment.started' as const,
    // The intent of the model call to come (C3): if it was started before and never settled, that call's outcome is unknown.
    data: { epoch: value.epoch + 1, owner, lostCall: value.state === 'running' },
  };
  const change = assignmentChange(stored, [started], now);
  try {
    const also = (batch: Parameters<typeof writeHeartbeat>[0]) => writeHeartbeat(batch, now);
    const revision = await saveTask({ org: value.org, id: value.task, assignments: [change], also });
    return { value: change.after, revision };
  } catch (error) {
    if (isLostRace(error)) return undefined;
    throw error;
  }
};
