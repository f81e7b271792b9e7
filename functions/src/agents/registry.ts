// Who there is to give work to. Asked for each assignment, so an instance looks at most every ten seconds; a change made by the
// same instance is seen at once.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { sharedReads } from '../platform/shared-reads.ts';
import type { ArtifactKind } from '../artifacts/index.ts';
import { allAgents } from './agents.firestore.ts';
import { agentErrors } from './errors.ts';
import type { Agent, SpecialistId } from './schemas.ts';

const keepMs = 10_000;
const maxOrgs = 1_000;

const registries = sharedReads(
  async (org: OrgId): Promise<ReadonlyMap<SpecialistId, Agent>> =>
    new Map((await allAgents(org)).map((each) => [each.id, each])),
  { keepMs, maxKeys: maxOrgs },
);

export const forgetAgents = (org: OrgId): void => registries.forget(org);

/** Every agent of the org, built in or its own, enabled or not, as it was at most ten seconds ago. */
export const agentsOf = async (org: OrgId): Promise<Agent[]> => [...(await registries.read(org, new Date())).values()];

/** Throws `agents.agent_not_found`. As fresh as `agentsOf`. */
export const agentOf = async (org: OrgId, id: SpecialistId): Promise<Agent> => {
  const found = (await registries.read(org, new Date())).get(id);
  if (!found) throw new AppError(agentErrors.agentNotFound, { detail: `There is no agent "${id}".` });
  return found;
};

/** The enabled agents with that skill, the built-in ones first. */
export const findBySkill = async (org: OrgId, skill: string): Promise<Agent[]> =>
  (await agentsOf(org)).filter(({ enabled, skills }) => enabled && skills.includes(skill));

/** Why an agent cannot be given an artifact of that kind to make; `undefined` when it can. */
export const whyUnsuitable = (
  agents: readonly Agent[],
  id: SpecialistId,
  artifactKind: ArtifactKind,
): string | undefined => {
  const found = agents.find((each) => each.id === id);
  if (!found) return `there is no agent "${id}"`;
  if (!found.enabled) return `the agent "${id}" is disabled`;
  if (!found.produces.includes(artifactKind)) return `the agent "${id}" does not deliver "${artifactKind}"`;
  return undefined;
};
