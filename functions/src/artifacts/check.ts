// Checks a deliverable by its kind. The content comes from a model or an external agent: it is data, however it looks.
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
import { rejected } from './result.ts';
import type { ArtifactCheck, ArtifactKind } from './schemas.ts';

type Check = (content: string) => ArtifactCheck | Promise<ArtifactCheck>;

const checks: Record<ArtifactKind, Check> = {
  'service-boundaries': checkServiceBoundaries,
  openapi: checkOpenapi,
  'firestore-schema': checkFirestoreSchema,
  'security-rules': checkSecurityRules,
  typescript: checkTypescript,
  'llm-design': checkLlmDesign,
  'prompt-template': checkPromptTemplate,
  markdown: checkMarkdown,
  'code-review': checkCodeReview,
  'security-review': checkSecurityReview,
  'performance-review': checkPerformanceReview,
  'deployment-plan': checkDeploymentPlan,
};

// An artifact is stored in one Firestore document, of 1 MiB at most, beside its title and metrics.
const maxContentBytes = 900 * 1024;

/** Checks `content` as an artifact of `kind`. Never throws: whatever is wrong with the content is a finding. */
export const checkArtifact = async (kind: ArtifactKind, content: string): Promise<ArtifactCheck> => {
  if (Buffer.byteLength(content) > maxContentBytes) {
    return rejected([{ where: '', message: `The content is larger than ${maxContentBytes} bytes.` }]);
  }
  try {
    return await checks[kind](content);
  } catch (error) {
    // A parser that content can bring to its knees rejects that content; it does not take the assignment down with it.
    const reason = error instanceof Error ? error.message : 'unknown reason';
    return rejected([{ where: '', message: `The content could not be checked: ${reason}` }]);
  }
};
