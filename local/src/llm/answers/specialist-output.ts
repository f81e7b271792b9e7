// What a specialist delivers: the artifact of the kind that the schema names, about the things that the task names.
import { hasMarker, markersIn } from '../markers.ts';
import type { JsonSchema } from '../prompt.ts';
import type { Hint } from '../schema/generate.ts';
import { asSchema, listOf, resolve } from '../schema/resolve.ts';
import { blunder } from './blunders.ts';
import { statedDecisions } from './decisions.ts';
import { findingShapeOf } from './finding-shape.ts';
import { askedQuestion } from './questions.ts';
import { plant } from '../flaws.ts';
import { concernsOf, noteOn, summaryOf, titleOf } from './accompaniment.ts';
import { extendAccepted } from './extension.ts';
import { firestoreSchema } from './artifacts/firestore-schema.ts';
import { deploymentPlan, llmDesign, markdown, promptTemplate, serviceBoundaries } from './artifacts/documents.ts';
import { openapi } from './artifacts/openapi.ts';
import { codeReview, performanceReview, securityReview } from './artifacts/reviews.ts';
import { securityRules } from './artifacts/security-rules.ts';
import { typescript } from './artifacts/typescript.ts';
import type { Commission } from './artifacts/commission.ts';
import type { Question } from './question.ts';

const makers: Readonly<Record<string, (commission: Commission) => string>> = {
  'service-boundaries': serviceBoundaries,
  openapi,
  'firestore-schema': firestoreSchema,
  'security-rules': securityRules,
  typescript,
  'llm-design': llmDesign,
  'prompt-template': promptTemplate,
  markdown,
  'code-review': codeReview,
  'security-review': securityReview,
  'performance-review': performanceReview,
  'deployment-plan': deploymentPlan,
};

/** No kind accepts it: neither JSON nor code nor rules, and a document without a heading. */
const INVALID_CONTENT = '{ "unfinished": ';

/** A repair tells the findings of the first answer. An earlier review, which has a field of that name, tells none. */
const isRepair = (text: string) => /\bfindings\b(?!")/.test(text);

const isInvalid = (text: string) =>
  hasMarker(text, 'always-invalid-artifact') || (hasMarker(text, 'invalid-artifact') && !isRepair(text));

/** A later round of a review sees the rework that the first one asked for. */
const isLaterRound = (text: string) => /\breview after a rework\b/.test(text);

const kindOf = (root: JsonSchema, artifact: JsonSchema): string => {
  const kind = resolve(root, asSchema(asSchema(artifact['properties'])['kind']));
  const [name] = [kind['const'], ...listOf(kind['enum'])].filter((value) => typeof value === 'string');
  return name ?? '';
};

export const artifactKind = (schema: JsonSchema) => {
  const properties = asSchema(resolve(schema, schema)['properties']);
  return kindOf(schema, resolve(schema, asSchema(properties['artifact'])));
};

const nothing = { kind: 'nothing', question: '', assignments: [] };

/** A specialist that may ask does so once: asked again, it is told to deliver. */
const needsOf = ({ text, mind, subject }: Question, kind: string): unknown => {
  const may = text.includes('You may ask');
  if (!may) return nothing;
  const isAnswered = text.includes('the answer to what you asked');
  const asks = (question: string) => ({ ...nothing, kind: 'answer', question });
  if (hasMarker(text, 'ask') && !isAnswered) return asks('Which region should it run in?');
  if (mind.question && !isAnswered) return asks(askedQuestion(mind.question, kind, subject));
  const delegated = markersIn(text).find(({ name }) => name === 'delegate');
  if (!delegated) return nothing;
  const specialist = delegated.options['to'] ?? 'nodejs-expert';
  const part = { specialist, title: 'A part of it', instructions: 'Do this part.', artifactKind: 'markdown' };
  return { ...nothing, kind: 'assignments', assignments: [part] };
};

const decisionsOf = ({ text, mind, subject }: Question) => {
  const asked = markersIn(text)
    .filter(({ name, value }) => name === 'decide' && value !== undefined)
    .map(({ value = '' }) => ({ kind: value, summary: `Decided on ${value}.`, rationale: 'The work rests on it.' }));
  return [...asked, ...(mind.decisions ? statedDecisions(mind.decisions, subject) : [])];
};

const contentOf = (
  { schema, system, text, subject, mind }: Question,
  kind: string,
  integrates: boolean,
): string | undefined => {
  if (isInvalid(text)) return INVALID_CONTENT;
  const wantsChanges =
    hasMarker(text, 'always-changes-needed') || (hasMarker(text, 'changes-needed') && !isLaterRound(text));
  const findingShape = findingShapeOf(schema, system);
  const sound = makers[kind]?.({ subject, wantsChanges, integrates, found: mind.found, findingShape });
  if (sound === undefined) return undefined;
  const whole = extendAccepted(kind, sound, text);
  const flawed = mind.flaws.reduce((content, flaw) => plant(kind, content, flaw), whole);
  return mind.error === 'blunder' ? blunder(kind, flawed) : flawed;
};

export const specialistOutput = (question: Question): Hint => {
  const { schema, subject } = question;
  const kind = artifactKind(schema);
  const decisions = decisionsOf(question);
  const integrates = decisions.some((each) => each.kind === 'third-party-integration');
  return ({ path, name }) => {
    if (path === '/artifact/content') return contentOf(question, kind, integrates);
    if (path === '/needs') return needsOf(question, kind);
    if (path === '/decisions') return decisions;
    if (path === '/artifact/title') return titleOf(kind, subject);
    if (path.startsWith('/notes/')) return noteOn(name, kind, subject);
    if (path === '/summary') return summaryOf(kind, subject);
    return path === '/concerns' ? concernsOf(kind, subject) : undefined;
  };
};
