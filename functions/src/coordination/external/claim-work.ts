import { setTimeout as pause } from 'node:timers/promises';
import { agentOf, noteAsked, type ExternalAgent, type SpecialistId } from '../../agents/index.ts';
import { agentErrors } from '../../agents/errors.ts';
import { AppError, isError } from '../../platform/errors.ts';
import { databaseTime, storeErrors, type Stored } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { directiveFor } from '../directive.ts';
import { coordinationErrors } from '../errors.ts';
import { findReadableAssignment } from '../task-store.firestore.ts';
import { claimForAgent, directiveForAgent, holderOf, isBusy, type ClaimedWork } from './claim-for-agent.ts';
import { bestOffers, dropOffer, lapsedHolds, offerComes } from './offers.firestore.ts';
import type { AgentDirective, Offer } from './schemas.ts';

/** Tried one after the other, as another instance of the agent may be taking the first. */
const offersAtOnce = 5;
const busyPauseMs = 1_000;
/** So many rounds may find nothing but offers that are stale; they are gone then, and the agent asks again. */
const maxStaleRounds = 20;

export interface Asking {
  readonly org: OrgId;
  readonly agent: SpecialistId;
  readonly waitMs: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * The most urgent work that waits for the agent, claimed for it; undefined when there is none within `waitMs`. Throws
 * `agents.agent_not_found`, `agents.disabled`.
 */
export const claimWork = async ({ org, agent: id, waitMs, signal }: Asking): Promise<AgentDirective | undefined> => {
  const agent = await agentOf(org, id);
  if (!agent.enabled) throw new AppError(agentErrors.disabled);
  if (agent.kind === 'llm') return undefined;
  await noteAsked(org, id, databaseTime());
  const endsAt = Date.now() + waitMs;
  for (let staleRounds = 0; ;) {
    const found = await claimBest(agent);
    const leftMs = endsAt - Date.now();
    if (typeof found === 'object') return found;
    if (found === 'stale' && !signal.aborted && ++staleRounds < maxStaleRounds) continue;
    if (leftMs <= 0 || signal.aborted) return undefined;
    if (found === 'busy') await pause(Math.min(busyPauseMs, leftMs));
    else await offerComes({ org, agent: id, withinMs: leftMs }, signal);
  }
};

/** `stale`: what was offered was no work any more, and more may be offered behind it. */
const claimBest = async (agent: ExternalAgent): Promise<AgentDirective | 'none' | 'busy' | 'stale'> => {
  const { org, id } = agent;
  const offers = await bestOffers(org, id, offersAtOnce);
  // What it let lapse is not left to the sweeper when there is nothing else to do.
  const lapsed = offers.length > 0 ? [] : await lapsedHolds(org, holderOf(id), offersAtOnce);
  if (offers.length + lapsed.length > 0 && (await isBusy(agent))) return 'busy';
  const tries = [
    ...offers.map((each) => () => claimOffered(agent, each)),
    ...lapsed.map((each) => () => claimForAgent(agent, directiveFor(each, []))),
  ];
  for (const claim of tries) {
    const work = await claim().catch(ignoreTaken);
    if (work) return directiveForAgent(work);
  }
  return offers.length > 0 ? 'stale' : 'none';
};

const claimOffered = async (agent: ExternalAgent, offered: Stored<Offer>): Promise<ClaimedWork | undefined> => {
  const { org, task, assignment, offeredAt } = offered.value;
  const stored = await findReadableAssignment(org, task, assignment);
  const work = stored && (await claimForAgent(agent, directiveFor(stored, []), { offeredAt }));
  await forget(offered);
  return work;
};

/** Another took it this very moment, and sees to the offer. */
const ignoreTaken = (error: unknown): undefined => {
  if (!isError(error, coordinationErrors.leased)) throw error;
};

/** Whether it was taken or is stale, it is not to be offered again; if it just was, that is another offer. */
const forget = async (offered: Stored<Offer>): Promise<void> => {
  try {
    await dropOffer(offered);
  } catch (error) {
    if (!isError(error, storeErrors.conflict)) throw error;
  }
};
