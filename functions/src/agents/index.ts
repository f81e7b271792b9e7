import type { RoleCard, SpecialistId } from './schemas.ts';
import { apiDesigner } from './role-cards/api-designer.ts';
import { cloudArchitect } from './role-cards/cloud-architect.ts';
import { databaseOptimizer } from './role-cards/database-optimizer.ts';
import { firebaseSpecialist } from './role-cards/firebase-specialist.ts';
import { llmArchitect } from './role-cards/llm-architect.ts';
import { mlEngineer } from './role-cards/ml-engineer.ts';
import { nodejsExpert } from './role-cards/nodejs-expert.ts';
import { promptEngineer } from './role-cards/prompt-engineer.ts';
import { securityEngineer } from './role-cards/security-engineer.ts';

export { runSpecialist, type SpecialistDelivery } from './runner.ts';
export { roleCard, type RoleCard, type SpecialistId } from './schemas.ts';

/** The six of the coordinator's hierarchy, then the three that only its delegation rules name. */
export const roleCards: Readonly<Record<SpecialistId, RoleCard>> = {
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

export const roleCardOf = (id: SpecialistId): RoleCard => roleCards[id];
