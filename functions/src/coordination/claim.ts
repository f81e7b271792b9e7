// Taking an assignment: one conditional write, no read in the ordinary case. The directive carries the record and the revision
// it was sent from; if the record has changed since, the write is refused and the stored record decides (C2). The intent of what
// is asked next is part of the claim (C3).
import { AppError } from '../platform/errors.ts';
import { databaseNow, isLostRace, timeOf, type Batch, type Stored } from '../platform/firestore.ts';
import { hasOpenCall, isAssignmentOver, isTimeUp, mustEndBy } from './assignment-state.ts';
import { assignmentChange } from './changes.ts';
import { effectsOfAssignment, writeEffect } from './effects.firestore.ts';
import { reconcile, type Effect, type EffectKind, type Reconciled } from './effects.ts';
import { coordinationErrors } from './errors.ts';
import { HeldAssignment } from './held-assignment.ts';
import { isAlive, writeHeartbeat } from './instance.firestore.ts';
import { longestPauseMs } from './retries.ts';
import type { Assignment, Directive, Owner } from './schemas.ts';
import { isTaskOver } from './task-state.ts';
import { findAssignment, findTask, hasUnfinishedPredecessor, saveTask } from './task-store.firestore.ts';

export type Claim =
  | {
      readonly outcome: 'claimed';
      readonly held: HeldAssignment;
      readonly before: Assignment;
      readonly refused: Effect['refused'];
      readonly repairs: number;
    }
  /** It killed so many runs that it must not get another. */
  | { readonly outcome: 'poison'; readonly held: HeldAssignment; readonly before: Assignment }
  /** Its time is up: it is to be failed, and nobody starts it any more. */
  | { readonly outcome: 'late'; readonly assignment: Stored<Assignment> }
  /** Somebody finished it before; what follows from that may still be undone. */
  | { readonly outcome: 'over'; readonly assignment: Stored<Assignment> }
  /** Not there, not yet free, or in the hands of another message: nothing to do for this one. */
  | { readonly outcome: 'idle' };

/** Who claims, and what they are going to do about it. */
export interface Claimant {
  readonly owner: Owner;
  readonly effect: EffectKind;
  /** Version of the agent's card; null when there is no such agent. */
  readonly agentVersion: number | null;
  /** How long an external holder may be silent; left out for runs of ours. */
  readonly leaseMs?: number;
}

/**
 * Claims the directive's assignment. While a living instance holds it because of another message, this one is not needed: that
 * other comes again if the instance dies. Throws `coordination.leased` when it is this very message, delivered again.
 */
export const claim = async (directive: Directive, claimant: Claimant, now: Date): Promise<Claim> => {
  const sent = { value: directive.record, revision: directive.revision };
  if (isFree(sent.value, now) && !isTimeUp(sent.value, now)) {
    const claimed = await take(sent, claimant, await knownEffects(sent.value), now);
    if (claimed) return claimed;
  }
  return claimStored(directive, claimant, now);
};

/** What was never claimed has none. */
const knownEffects = async ({ org, task, id, epoch }: Assignment): Promise<Effect[]> =>
  epoch === 0 ? [] : effectsOfAssignment(org, task, id);

const isFree = ({ state, retryAt }: Assignment, now: Date): boolean =>
  (state === 'ready' || state === 'blocked') && (retryAt === null || retryAt <= now);

/** Whoever was to send it again may have died while it waited; then this message does. */
const isFreeSoon = ({ state, retryAt }: Assignment, now: Date): boolean =>
  state === 'ready' && retryAt !== null && retryAt.getTime() - now.getTime() <= longestPauseMs;

const claimStored = async (directive: Directive, claimant: Claimant, now: Date): Promise<Claim> => {
  const { org, task, assignment: id } = directive;
  const stored = await findAssignment(org, task, id);
  if (!stored) return { outcome: 'idle' };
  const { value, revision } = stored;
  // Sent twice, ended for the other message: that one comes again if what follows was not done.
  if (isAssignmentOver(value)) {
    return value.finishedFor === claimant.owner.message || value.finishedFor === null
      ? { outcome: 'over', assignment: stored }
      : { outcome: 'idle' };
  }
  if (value.state === 'running') {
    if (await isAlive(value, timeOf(revision))) return heldElsewhere(value, claimant.owner);
  } else if (!isFree(value, now)) return isFreeSoon(value, now) ? leased(value) : { outcome: 'idle' };
  const [isBarred, known] = await Promise.all([mustNotStart(value), knownEffects(value)]);
  if (isBarred) return { outcome: 'idle' };
  if (isTimeUp(value, now)) return { outcome: 'late', assignment: stored };
  // Lost a race just now: the message comes again and finds out how it ended.
  return (await take(stored, claimant, known, now)) ?? leased(value);
};

/**
 * It waits for what comes before it; or its task is over, and whoever ended it has died before it closed this assignment: recovery
 * does, and nothing is started for it any more (C6).
 */
const mustNotStart = async ({ org, task, id, state }: Assignment): Promise<boolean> => {
  if (state === 'blocked' && (await hasUnfinishedPredecessor(org, task, id))) return true;
  const current = await findTask(org, task);
  return !current || isTaskOver(current.value);
};

const heldElsewhere = (held: Assignment, owner: Owner): Claim => {
  if (held.owner?.message !== owner.message) return { outcome: 'idle' };
  return leased(held);
};

const leased = ({ task, id }: Assignment): never => {
  throw new AppError(coordinationErrors.leased, { context: { task, assignment: id } });
};

/** The assignment as claimed, or undefined when it is no longer at that revision. */
const take = async (
  stored: Stored<Assignment>,
  { owner, effect: kind, agentVersion, leaseMs }: Claimant,
  known: readonly Effect[],
  now: Date,
): Promise<Claim | undefined> => {
  const { value } = stored;
  const leaseUntil = leaseMs === undefined ? null : leaseEnd(value, leaseMs, now);
  const data = { epoch: value.epoch + 1, owner, leaseUntil, agentVersion, lostCall: hasOpenCall(value) };
  const change = assignmentChange(stored, [{ type: 'assignment.started', data }], now);
  const reconciled = reconcile(change.after, kind, known, now);
  const also = (batch: Batch) => {
    writeEffect(batch, reconciled.effect);
    if (leaseMs === undefined) writeHeartbeat(batch, now);
  };
  try {
    const revision = await saveTask({ org: value.org, id: value.task, assignments: [change], also });
    return claimedAs({ value: change.after, revision }, reconciled, { before: value, known });
  } catch (error) {
    if (isLostRace(error)) return undefined;
    throw error;
  }
};

/** Nobody holds it for longer than its time. */
const leaseEnd = (assignment: Assignment, leaseMs: number, now: Date): Date => {
  const end = mustEndBy({ ...assignment, startedAt: assignment.startedAt ?? now });
  return new Date(Math.min(databaseNow() + leaseMs, end.getTime()));
};

interface Found {
  readonly before: Assignment;
  readonly known: readonly Effect[];
}

const claimedAs = (stored: Stored<Assignment>, { outcome, effect }: Reconciled, { before, known }: Found): Claim => {
  const held = new HeldAssignment(stored, effect);
  if (outcome === 'give-up') return { outcome: 'poison', held, before };
  const last = known.find(({ step, kind }) => step === effect.step - 1 && kind === effect.kind);
  return { outcome: 'claimed', held, before, refused: last?.refused ?? null, repairs: effect.step };
};
