import type { OrgId } from '../platform/schemas.ts';
import { allAgents } from './agents.firestore.ts';
import { findHealth, healthByAgent } from './health.firestore.ts';
import { getAgent } from './change-agent.ts';
import type { Stored } from '../platform/firestore.ts';
import type { Agent, AgentHealth, AgentKind, SpecialistId } from './schemas.ts';

export interface AgentFilter {
  readonly skill?: string | undefined;
  readonly kind?: AgentKind | undefined;
  readonly enabled?: boolean | undefined;
}

export interface KnownAgent {
  readonly agent: Agent;
  /** Nothing is known of a model's health here: the gateway sees to its providers. */
  readonly health: AgentHealth | undefined;
}

/** The agents of the org as they are now, with their health. */
export const listAgents = async (org: OrgId, { skill, kind, enabled }: AgentFilter): Promise<KnownAgent[]> => {
  const [agents, health] = await Promise.all([allAgents(org), healthByAgent(org)]);
  return agents
    .filter((agent) => skill === undefined || agent.skills.includes(skill))
    .filter((agent) => kind === undefined || agent.kind === kind)
    .filter((agent) => enabled === undefined || agent.enabled === enabled)
    .map((agent) => ({ agent, health: health.get(agent.id) }));
};

/** Throws `agents.agent_not_found`. */
export const readAgent = async (org: OrgId, id: SpecialistId): Promise<Stored<KnownAgent>> => {
  const [{ value: agent, revision }, health] = await Promise.all([getAgent(org, id), findHealth(org, id)]);
  return { value: { agent, health }, revision };
};
