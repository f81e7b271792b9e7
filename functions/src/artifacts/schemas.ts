// The kinds of deliverable and what a check of one says. A leaf.
import { z } from 'zod';

export const artifactKinds = [
  'service-boundaries',
  'openapi',
  'firestore-schema',
  'security-rules',
  'typescript',
  'llm-design',
  'prompt-template',
  'markdown',
  'code-review',
  'security-review',
  'performance-review',
  'deployment-plan',
] as const;
export const artifactKind = z.enum(artifactKinds);
export type ArtifactKind = z.infer<typeof artifactKind>;

/** The kinds that judge what others made: each comes with a verdict. */
export const reviewKinds: ReadonlySet<ArtifactKind> = new Set(['code-review', 'security-review', 'performance-review']);

/** One thing wrong with an artifact. `where` is a JSON pointer, or `line:column` in a source text. */
export const finding = z.strictObject({ where: z.string(), message: z.string() });
export type Finding = z.infer<typeof finding>;

/** Numbers read off a valid artifact, e.g. `{ endpoints: 4 }` of an OpenAPI document. */
export const artifactMetrics = z.record(z.string(), z.number());

/** A reviewer's judgement: `changes-needed` sends the work back. */
export const verdict = z.enum(['pass', 'changes-needed']);
export type Verdict = z.infer<typeof verdict>;

export const severities = ['low', 'medium', 'high', 'critical'] as const;

/**
 * One thing that a review found. `artifact` names what it is in: the id of the assignment that made it, or its kind or title; null
 * when the review does not say. `resolution` is what would resolve it.
 */
export const reviewFinding = z.strictObject({
  severity: z.enum(severities),
  title: z.string(),
  artifact: z.string().nullable(),
  place: z.string().nullable(),
  resolution: z.string(),
});
export type ReviewFinding = z.infer<typeof reviewFinding>;

export type ArtifactCheck =
  | {
      readonly valid: true;
      readonly metrics: Record<string, number>;
      readonly verdict: Verdict | null;
      readonly concerns: readonly string[];
      /** Empty for artifacts that are no review. */
      readonly findings: readonly ReviewFinding[];
    }
  | { readonly valid: false; readonly findings: readonly Finding[] };
