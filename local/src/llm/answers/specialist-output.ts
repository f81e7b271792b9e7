// What a specialist delivers: the artifact of the kind that the schema names, about the things that the task names.
import { hasMarker } from '../markers.ts';
import type { JsonSchema } from '../prompt.ts';
import type { Hint } from '../schema/generate.ts';
import { asSchema, listOf, resolve } from '../schema/resolve.ts';
import type { Subject } from '../subject.ts';
import { firestoreSchema } from './artifacts/firestore-schema.ts';
import { deploymentPlan, llmDesign, markdown, promptTemplate, serviceBoundaries } from './artifacts/documents.ts';
import { openapi } from './artifacts/openapi.ts';
import { performanceReview, securityReview } from './artifacts/reviews.ts';
import { securityRules } from './artifacts/security-rules.ts';
import { typescript } from './artifacts/typescript.ts';
import type { Question } from './index.ts';

/** What an artifact is made from. */
export interface Commission {
  readonly subject: Subject;
  /** The reviewer shall find fault. */
  readonly wantsChanges: boolean;
}

const makers: Readonly<Record<string, (commission: Commission) => string>> = {
  'service-boundaries': serviceBoundaries,
  openapi,
  'firestore-schema': firestoreSchema,
  'security-rules': securityRules,
  typescript,
  'llm-design': llmDesign,
  'prompt-template': promptTemplate,
  markdown,
  'security-review': securityReview,
  'performance-review': performanceReview,
  'deployment-plan': deploymentPlan,
};

/** No kind accepts it: neither JSON, nor TypeScript, nor rules, and a document needs more than nothing. */
const INVALID_CONTENT = '';

/** A repair shows the findings of the first answer. */
const isRepair = (text: string) => text.includes('findings');

const isInvalid = (text: string) =>
  hasMarker(text, 'always-invalid-artifact') || (hasMarker(text, 'invalid-artifact') && !isRepair(text));

/** A later round of a review sees the rework that the first one asked for. */
const isLaterRound = (text: string) => /\brework/i.test(text);

const kindOf = (root: JsonSchema, artifact: JsonSchema): string => {
  const kind = resolve(root, asSchema(asSchema(artifact['properties'])['kind']));
  const [name] = [kind['const'], ...listOf(kind['enum'])].filter((value) => typeof value === 'string');
  return name ?? '';
};

export const specialistOutput = ({ schema, text, subject }: Question): Hint => {
  const commission = { subject, wantsChanges: hasMarker(text, 'changes-needed') && !isLaterRound(text) };
  return ({ path, parent }) => {
    if (path === '/artifact/title') return subject.title;
    if (path !== '/artifact/content') return undefined;
    return isInvalid(text) ? INVALID_CONTENT : makers[kindOf(schema, parent)]?.(commission);
  };
};
