// The agents that every org has without any document.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { agentErrors } from './errors.ts';
import { apiDesigner } from './role-cards/api-designer.ts';
import { cloudArchitect } from './role-cards/cloud-architect.ts';
import { databaseOptimizer } from './role-cards/database-optimizer.ts';
import { firebaseSpecialist } from './role-cards/firebase-specialist.ts';
import { llmArchitect } from './role-cards/llm-architect.ts';
import { mlEngineer } from './role-cards/ml-engineer.ts';
import { nodejsExpert } from './role-cards/nodejs-expert.ts';
import { promptEngineer } from './role-cards/prompt-engineer.ts';
import { securityEngineer } from './role-cards/security-engineer.ts';
import { builtinSpecialist, type Agent, type BuiltinSpecialist, type RoleCard, type SpecialistId } from './schemas.ts';

export const roleCards: Readonly<Record<BuiltinSpecialist, RoleCard>> = {
  'firebase-specialist': firebaseSpecialist,
  'api-designer': apiDesigner,
  'nodejs-expert': nodejsExpert,
  'llm-architect': llmArchitect,
  'prompt-engineer': promptEngineer,
  'ml-engineer': mlEngineer,
  'database-optimizer': databaseOptimizer,
  'security-engineer': securityEngineer,
  'cloud-architect': cloudArchitect,
};

export const isBuiltIn = (id: SpecialistId): id is BuiltinSpecialist => builtinSpecialist.safeParse(id).success;

/** The card of a built-in agent, as the code has it. Throws `agents.agent_not_found` for an org's own. */
export const roleCardOf = (id: SpecialistId): RoleCard => {
  if (!isBuiltIn(id)) throw new AppError(agentErrors.agentNotFound, { detail: `No agent "${id}" is built in.` });
  return roleCards[id];
};

/** A built-in agent as an org has it that has said nothing about it. */
export const builtInAgent = (org: OrgId, id: BuiltinSpecialist): Agent => ({
  org,
  ...roleCards[id],
  kind: 'llm',
  transport: null,
  limits: null,
  enabled: true,
  createdBy: null,
  createdAt: null,
  updatedAt: null,
});
