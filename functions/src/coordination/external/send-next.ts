import { agentsOf, type SpecialistId } from '../../agents/index.ts';
import { databaseTime } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { dispatch } from '../dispatch.ts';
import type { Assignment } from '../schemas.ts';
import { findReadableAssignment } from '../task-store.firestore.ts';
import { hasLapsed } from './claim-for-agent.ts';
import { bestOffers, dropOffer } from './offers.firestore.ts';

/** So many stale offers are taken away at a time; the sweeper sends what stands behind more. */
const maxLooks = 20;

/**
 * An agent that work is sent to has a hand free: sends what has waited for it. An agent that asks for work takes it by itself. What is
 * lost here the sweeper sends again.
 */
export const sendNext = async (org: OrgId, id: SpecialistId): Promise<void> => {
  const agent = (await agentsOf(org)).find((each) => each.id === id);
  if (!agent || agent.kind === 'pull') return;
  for (let looks = 0; looks < maxLooks; looks++) {
    const [next] = await bestOffers(org, id, 1);
    if (!next) return;
    const { task, assignment } = next.value;
    const stored = await findReadableAssignment(org, task, assignment);
    const waits = stored && isWaiting(stored.value);
    if (waits) await dispatch(stored);
    // Made again meanwhile, it is another offer.
    await dropOffer(next).catch(() => undefined);
    if (waits) return;
  }
};

/** Is there still somebody to be sent for it? */
const isWaiting = (assignment: Assignment): boolean =>
  assignment.state === 'ready' ||
  assignment.state === 'blocked' ||
  hasLapsed(assignment, assignment.specialist, databaseTime());
