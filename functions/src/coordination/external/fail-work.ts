import { noteAtWork } from '../../agents/index.ts';
import { AppError, isError } from '../../platform/errors.ts';
import { databaseTime, storeErrors } from '../../platform/firestore.ts';
import { coordinationErrors } from '../errors.ts';
import { release, sendAhead } from '../give-back.ts';
import { follow } from '../follow.ts';
import type { HeldAssignment } from '../held-assignment.ts';
import type { Assignment } from '../schemas.ts';
import { failAssignment } from '../settle-assignment.ts';
import { standingOf, type LeasedWork } from './leased-work.ts';
import { sendNext } from './send-next.ts';

const maxTries = 5;

export interface GivenUp {
  readonly reason: string;
  /** Whether another try may go better. */
  readonly retryable: boolean;
}

/**
 * The agent cannot do it: the assignment is tried again after a while, or has failed. Answers with it as it then is. Throws
 * `coordination.assignment_not_found`, `coordination.lease_lost`, `coordination.assignment_canceled`.
 */
export const failWork = async (work: LeasedWork, given: GivenUp, tries = 1): Promise<Assignment> => {
  const standing = await standingOf(work, ({ state }) => state === 'ready' || state === 'failed');
  if (standing.state === 'ended') {
    // Whoever took it may have died before it did what follows from it.
    await follow(standing.assignment);
    return standing.assignment;
  }
  await noteAtWork(work.org, work.agent, databaseTime());
  try {
    await giveUp(standing.held, given);
  } catch (error) {
    if (!isError(error, storeErrors.conflict) || tries === maxTries) throw error;
    return failWork(work, given, tries + 1);
  }
  await sendNext(work.org, work.agent);
  return standing.held.assignment;
};

const giveUp = async (held: HeldAssignment, { reason, retryable }: GivenUp): Promise<void> => {
  const error = new AppError(retryable ? coordinationErrors.agentGaveBack : coordinationErrors.agentFailed, {
    detail: reason,
  });
  const failure = { code: error.code, detail: error.detail };
  const released = await release(held, failure, { error, calls: [] });
  await (released ? sendAhead(released) : failAssignment(held, failure));
};
