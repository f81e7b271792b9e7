// Which decisions the coordinator may take and which are the main coordinator's, in the words of the specification. A leaf.
import { z } from 'zod';

type Authority = 'coordinator' | 'main-coordinator';

/** Each kind of decision: its title in the specification, and with whom it lies. A kind that is not here needs approval. */
export const decisionKinds = {
  'service-implementation': { title: 'Service implementation details', authority: 'coordinator' },
  'query-optimization': { title: 'Database query optimizations', authority: 'coordinator' },
  caching: { title: 'Caching strategies', authority: 'coordinator' },
  'response-format': { title: 'API response formats', authority: 'coordinator' },
  'error-handling': { title: 'Error handling patterns', authority: 'coordinator' },
  logging: { title: 'Logging strategies', authority: 'coordinator' },
  'third-party-integration': { title: 'New third-party service integrations', authority: 'main-coordinator' },
  'schema-migration': { title: 'Database schema migrations', authority: 'main-coordinator' },
  'api-deprecation': { title: 'API deprecations', authority: 'main-coordinator' },
  'cost-increase': { title: 'Infrastructure cost increases > 20%', authority: 'main-coordinator' },
  'security-policy-change': { title: 'Security policy changes', authority: 'main-coordinator' },
  'data-retention-change': { title: 'Data retention modifications', authority: 'main-coordinator' },
} as const satisfies Record<string, { title: string; authority: Authority }>;
export type DecisionKind = keyof typeof decisionKinds;

/** A decision as a specialist states it. `kind` is any text: what we do not know is for the main coordinator to know. */
export const decision = z.object({
  kind: z.string().trim().min(1).max(64),
  summary: z.string().trim().min(1).max(600),
  rationale: z.string().trim().max(2_000).default(''),
  detail: z.record(z.string(), z.string().max(2_000)).optional(),
});
export type Decision = z.infer<typeof decision>;

/** What we read of a `firestore-schema` artifact: the collections and the type of each field. */
export const dataModel = z.object({
  collections: z.array(z.object({ path: z.string(), fields: z.record(z.string(), z.string()) })),
});
export type DataModel = z.infer<typeof dataModel>;

/** A decision that is not ours, and why. */
export const needingApproval = z.object({ decision, why: z.string() });
export type NeedingApproval = z.infer<typeof needingApproval>;
