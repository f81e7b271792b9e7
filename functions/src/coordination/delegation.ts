// The six delegation rules of the specification, as data: the first specialist of a rule leads, the others support.
import type { SpecialistId } from '../agents/index.ts';

export const categories = [
  'api-design',
  'database-schema',
  'authentication',
  'cloud-functions',
  'llm-integration',
  'performance',
] as const;
export type Category = (typeof categories)[number];

export const delegationRules: Readonly<Record<Category, readonly [SpecialistId, ...SpecialistId[]]>> = {
  'api-design': ['api-designer', 'firebase-specialist'],
  'database-schema': ['firebase-specialist', 'database-optimizer'],
  authentication: ['security-engineer', 'firebase-specialist'],
  'cloud-functions': ['firebase-specialist', 'cloud-architect'],
  'llm-integration': ['api-designer', 'llm-architect'],
  performance: ['cloud-architect', 'firebase-specialist'],
};

/** Who leads and who supports a task of that category. */
export const delegate = (category: Category): { primary: SpecialistId; support: SpecialistId[] } => {
  const [primary, ...support] = delegationRules[category];
  return { primary, support };
};
