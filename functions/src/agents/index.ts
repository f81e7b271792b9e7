export { roleCardOf, roleCards } from './built-in.ts';
export { noteAsked, noteAtWork, noteFailure } from './health.firestore.ts';
export { type Needs, type SpecialistOutput } from './output.ts';
export { agentOf, agentsOf, findBySkill, whyUnsuitable } from './registry.ts';
export {
  judgeOutput,
  answered,
  runSpecialist,
  specialistRoom,
  type Judgement,
  type Rejected,
  type SpecialistDelivery,
} from './runner.ts';
export type { Agent, ExternalAgent, RoleCard, SpecialistId } from './schemas.ts';
export { signingSecretOf } from './signing-secret.ts';
