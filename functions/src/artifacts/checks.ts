// Which check belongs to which kind of deliverable, and where it runs.
import { lazy } from '../platform/lazy.ts';
import { checkCodeReview } from './kinds/code-review.ts';
import { checkDeploymentPlan } from './kinds/deployment-plan.ts';
import { checkFirestoreSchema } from './kinds/firestore-schema.ts';
import { checkLlmDesign } from './kinds/llm-design.ts';
import { checkMarkdown } from './kinds/markdown.ts';
import { checkOpenapi } from './kinds/openapi.ts';
import { checkPerformanceReview } from './kinds/performance-review.ts';
import { checkPromptTemplate } from './kinds/prompt-template.ts';
import { checkSecurityReview } from './kinds/security-review.ts';
import { checkSecurityRules } from './kinds/security-rules.ts';
import { checkServiceBoundaries } from './kinds/service-boundaries.ts';
import { checkTypescript } from './kinds/typescript.ts';
import { loadLinter } from './openapi/linter.ts';
import { rejected } from './result.ts';
import type { ArtifactCheck, ArtifactKind } from './schemas.ts';

interface Row {
  readonly check: (content: string) => ArtifactCheck | Promise<ArtifactCheck>;
  /** Longer content, in UTF-16 units, is checked in a process of its own: it may take longer than others can wait. */
  readonly inProcessAbove: number;
  /** Loads what every check of the kind needs. */
  readonly prepare?: () => Promise<unknown>;
}

const always = -1;
const never = Number.POSITIVE_INFINITY;

const rows: Record<ArtifactKind, Row> = {
  'service-boundaries': { check: checkServiceBoundaries, inProcessAbove: never },
  openapi: { check: checkOpenapi, inProcessAbove: always, prepare: loadLinter },
  'firestore-schema': { check: checkFirestoreSchema, inProcessAbove: never },
  'security-rules': { check: checkSecurityRules, inProcessAbove: 65_536 },
  typescript: {
    check: checkTypescript,
    inProcessAbove: always,
    // The first check of a process parses the language's library.
    prepare: lazy(async () => checkTypescript('export {};')),
  },
  'llm-design': { check: checkLlmDesign, inProcessAbove: never },
  'prompt-template': { check: checkPromptTemplate, inProcessAbove: never },
  markdown: { check: checkMarkdown, inProcessAbove: never },
  'code-review': { check: checkCodeReview, inProcessAbove: never },
  'security-review': { check: checkSecurityReview, inProcessAbove: never },
  'performance-review': { check: checkPerformanceReview, inProcessAbove: never },
  'deployment-plan': { check: checkDeploymentPlan, inProcessAbove: never },
};

export const needsProcess = (kind: ArtifactKind, content: string): boolean =>
  content.length > rows[kind].inProcessAbove;

export const prepare = async (kind: ArtifactKind): Promise<void> => {
  await rows[kind].prepare?.();
};

/** Checks `content` in the process that calls. Never throws: a parser that content can bring to its knees rejects that content. */
export const checkHere = async (kind: ArtifactKind, content: string): Promise<ArtifactCheck> => {
  try {
    return await rows[kind].check(content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    return rejected([{ where: '', message: `The content could not be checked: ${reason}` }]);
  }
};
