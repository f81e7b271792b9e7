import { agentLimits, type AgentLimits } from '../../agents/schemas.ts';
import { agentOf, noteAtWork } from '../../agents/index.ts';
import { AppError, isError } from '../../platform/errors.ts';
import { databaseTime, databaseNow, storeErrors } from '../../platform/firestore.ts';
import { mustEndBy } from '../assignment-state.ts';
import { coordinationErrors } from '../errors.ts';
import type { HeldAssignment } from '../held-assignment.ts';
import { noEnding, standingOf, timeIsOver, type LeasedWork } from './leased-work.ts';
import type { RunningLease } from './schemas.ts';

const maxTries = 5;
/** Of an agent that has become a model while it held something. */
const usualLimits = agentLimits.parse({});

/** Whatever comes first: the end of the assignment's time, or of the agent's. */
const endOf = ({ assignment, effect }: HeldAssignment, { timeoutSeconds }: AgentLimits): number =>
  Math.min(mustEndBy(assignment).getTime(), effect.intendedAt.getTime() + timeoutSeconds * 1_000);

/**
 * The agent is still at work: its lease runs anew from now, but not beyond the work's time or the agent's `timeoutSeconds`, counted from
 * the claim or the last refused output. Throws `coordination.assignment_not_found`, `coordination.lease_lost`, `coordination.assignment_canceled`.
 */
export const renewLease = async (work: LeasedWork, tries = 1): Promise<RunningLease> => {
  const standing = await standingOf(work, noEnding);
  if (standing.state === 'ended') throw new AppError(coordinationErrors.leaseLost);
  const { held } = standing;
  const limits = (await agentOf(work.org, work.agent)).limits ?? usualLimits;
  await noteAtWork(work.org, work.agent, databaseTime());
  const now = databaseNow();
  const end = endOf(held, limits);
  if (end <= now) throw timeIsOver();
  const leaseUntil = new Date(Math.min(end, now + limits.leaseSeconds * 1_000));
  try {
    await held.note({ type: 'assignment.lease_renewed', data: { leaseUntil } });
  } catch (error) {
    if (!isError(error, storeErrors.conflict) || tries === maxTries) throw error;
    return renewLease(work, tries + 1);
  }
  return { ...work.lease, expiresAt: leaseUntil.toISOString() };
};
