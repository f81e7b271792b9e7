// What a specialist is told about each kind of deliverable: the same facts that the checks enforce.
import { z } from 'zod';
import { lazyBy } from '../platform/lazy.ts';
import { codeReview } from './kinds/code-review.ts';
import { deploymentPlan } from './kinds/deployment-plan.ts';
import { firestoreSchema } from './kinds/firestore-schema.ts';
import { llmDesign } from './kinds/llm-design.ts';
import { performanceReview } from './kinds/performance-review.ts';
import { promptTemplate } from './kinds/prompt-template.ts';
import { securityReview } from './kinds/security-review.ts';
import { serviceBoundaries } from './kinds/service-boundaries.ts';
import type { ArtifactKind } from './schemas.ts';

interface Format {
  readonly label: string;
  readonly text: string;
  readonly schema?: z.ZodType;
}

const formats: Record<ArtifactKind, Format> = {
  'service-boundaries': {
    label: 'Service boundaries (JSON)',
    text: 'The name and purpose of the service, the external services it depends on, and its data flow.',
    schema: serviceBoundaries,
  },
  openapi: {
    label: 'OpenAPI 3.1',
    text:
      'One OpenAPI 3.1 document, JSON or YAML, that stands alone: every $ref is local. Every operation has an operationId ' +
      'that is unique and safe in a URL, a summary, and security (its own, the root one, or an explicit empty list). Every ' +
      'path parameter is defined. No path ends with a slash. A quality gate looks whether every operation declares the ' +
      'errors of its callers (4xx) and of the service (5xx), each with a JSON body.',
  },
  'firestore-schema': {
    label: 'Firestore schema (JSON)',
    text:
      'Each collection by its path, with document ids as placeholders (orgs/{org}/tasks), the type of each field, and the ' +
      'indexes that its queries need.',
    schema: firestoreSchema,
  },
  'security-rules': {
    label: 'Firestore security rules',
    text:
      "One complete firestore.rules file that begins with rules_version = '2' and has one service cloud.firestore. Every " +
      'function and variable that is used is declared. No write is allowed without a condition.',
  },
  typescript: {
    label: 'TypeScript',
    text:
      'One complete TypeScript file, an ES module for Node 24, that compiles in strict mode. Imports are taken on trust; ' +
      'everything else must be in the file. No Markdown around it.',
  },
  'llm-design': {
    label: 'LLM design (JSON)',
    text: 'Which model does what, and how retrieval, caching, fallback and cost control work.',
    schema: llmDesign,
  },
  'prompt-template': {
    label: 'Prompt template (JSON)',
    text:
      'The system and user texts with {{variable}} placeholders; the variables that are declared are exactly those that ' +
      'the texts use. evaluation lists how the quality of the answers is measured.',
    schema: promptTemplate,
  },
  markdown: { label: 'Markdown', text: 'A Markdown document with at least one # heading.' },
  'code-review': {
    label: 'Code review (JSON)',
    text:
      'The verdict on everything that it builds on, and every fault found: what is wrong, incomplete, contradicts another part ' +
      'or leaves an error unhandled. Each finding names the artifact that has to change. A review with a high or critical ' +
      'finding cannot pass.',
    schema: codeReview,
  },
  'security-review': {
    label: 'Security review (JSON)',
    text:
      'The verdict and every vulnerability found. Each finding names the artifact that has to change. A review with a high ' +
      'or critical finding cannot pass.',
    schema: securityReview,
  },
  'performance-review': {
    label: 'Performance review (JSON)',
    text:
      'The verdict and measurements, each with its target in the same unit. Lower is better in each: state what should be ' +
      'high by its opposite (unavailability instead of availability). A review that misses a target cannot pass; its ' +
      'findings name the artifacts that have to change.',
    schema: performanceReview,
  },
  'deployment-plan': {
    label: 'Deployment plan (JSON)',
    text: 'The steps to deploy, the steps to take it back, what is monitored, and what it costs a month in US dollars.',
    schema: deploymentPlan,
  },
};

/** The name of the kind's format as a directive gives it, e.g. `OpenAPI 3.1`. */
export const formatLabel = (kind: ArtifactKind): string => formats[kind].label;

/** What content of the kind must be, in words, with the JSON Schema of the kinds that are JSON. */
export const describeFormat = lazyBy((kind: ArtifactKind): string => {
  const { label, text, schema } = formats[kind];
  const lines = [`${label}. ${text}`];
  if (schema)
    lines.push(`The content is JSON of this schema:\n${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))}`);
  return lines.join('\n');
});
