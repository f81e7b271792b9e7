// The specialists and what a role card says. A leaf.
import { z } from 'zod';
import { artifactKind } from '../artifacts/schemas.ts';

export const specialistIds = [
  'firebase-specialist',
  'api-designer',
  'nodejs-expert',
  'llm-architect',
  'prompt-engineer',
  'ml-engineer',
  'database-optimizer',
  'security-engineer',
  'cloud-architect',
] as const;
export const specialistId = z.enum(specialistIds);
export type SpecialistId = z.infer<typeof specialistId>;

const sentence = z.string().min(1).max(300);

export const roleCard = z.strictObject({
  id: specialistId,
  name: z.string(),
  kind: z.literal('llm'),
  version: z.int().positive(),
  summary: sentence,
  skills: z.array(z.string()).min(1),
  responsibilities: z.array(sentence).min(1),
  produces: z.array(artifactKind).min(1),
  guidance: z.array(sentence),
});
export type RoleCard = z.infer<typeof roleCard>;
