import { agentsOf, type SpecialistId } from '../../agents/index.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { dispatch } from '../dispatch.ts';
import { findAssignment } from '../task-store.firestore.ts';
import { bestOffers, dropOffer } from './offers.firestore.ts';

/**
 * An agent that work is sent to has a hand free: sends what has waited for it. An agent that asks for work takes it by itself. What is
 * lost here the sweeper sends again.
 */
export const sendNext = async (org: OrgId, id: SpecialistId): Promise<void> => {
  const agent = (await agentsOf(org)).find((each) => each.id === id);
  if (!agent || agent.kind === 'pull') return;
  const [next] = await bestOffers(org, id, 1);
  if (!next) return;
  const { task, assignment } = next.value;
  const stored = await findAssignment(org, task, assignment);
  if (stored) await dispatch(stored);
  // Made again meanwhile, it is another offer.
  await dropOffer(next).catch(() => undefined);
};
