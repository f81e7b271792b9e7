// What a specialist gives back. It is a model's text: parsed strictly, reduced to the known fields, and never obeyed.
// Unknown fields are dropped and texts that are too long are cut, as neither is worth the price of another answer; a field
// that is missing or of a wrong type is a finding. The size of an answer and the length of each list are looked at before what is in
// them is parsed.
import { z } from 'zod';
import { artifactKinds, zodFindings, type ArtifactKind, type Finding } from '../artifacts/index.ts';
import type { JsonSchema } from '../llm/index.ts';
import type { noteFields, Notes } from '../scratchpads/schemas.ts';
import { boundedArray } from '../platform/bounded.ts';
import { lazyBy } from '../platform/lazy.ts';
import { findJsonObject } from './json-object.ts';

const maxSummaryLength = 600;
const maxTitleLength = 200;
const maxNoteLength = 600;
const maxConcernLength = 300;
const maxConcerns = 10;
/** Empty ones among them do not count. */
const maxConcernsRead = 50;
const maxDecisions = 20;
const maxRequested = 5;
const maxKindLength = 64;
const maxInstructionsLength = 4_000;

/** As much as an answer may have, whoever gives it. */
const maxAnswerBytes = 1_048_576;
/** Fields and lists are few: what is long in an answer is one text, its artifact. */
const maxTokens = 5_000;

/** Keeps line breaks and tabs; drops what could hide text from a reader or break a log line. */
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

const visible = (maxLength: number) =>
  z.string().transform((text) => text.replaceAll(invisible, '').trim().slice(0, maxLength).toWellFormed());

const filled = z.string().min(1, 'must not be empty');

const note = visible(maxNoteLength)
  .optional()
  .meta({ description: 'One line; empty when your work says nothing about it.' });

const notes = z.object({
  service: note,
  dependencies: note,
  dataFlow: note,
  endpoints: note,
  authentication: note,
  rateLimits: note,
  slas: note,
} satisfies Record<(typeof noteFields)[number], typeof note>);

const decision = z.object({
  kind: visible(maxKindLength).pipe(filled),
  summary: visible(maxNoteLength).pipe(filled),
  rationale: visible(maxNoteLength),
});

/** A list of which only the first items are read; what is beyond them is not parsed. */
const firstOf = <T extends z.ZodType>(item: T, max: number) =>
  z.preprocess((given) => (Array.isArray(given) ? given.slice(0, max) : given), z.array(item));

/** Work that somebody else must do first, or a question that somebody must answer first. */
const needs = z.object({
  kind: z.enum(['nothing', 'answer', 'assignments']),
  question: visible(maxNoteLength).default(''),
  assignments: boundedArray(
    z.object({
      specialist: visible(maxKindLength).pipe(filled),
      title: visible(maxTitleLength).pipe(filled),
      instructions: visible(maxInstructionsLength),
      artifactKind: z.enum(artifactKinds),
    }),
    maxRequested,
  ).default([]),
});

const outputOf = (kind: ArtifactKind) =>
  z
    .object({
      summary: visible(maxSummaryLength)
        .pipe(filled)
        .meta({ description: `One or two sentences on what was done, at most ${maxSummaryLength} characters.` }),
      needs: needs.default({ kind: 'nothing', question: '', assignments: [] }).meta({
        description:
          '`nothing` when you deliver, as you nearly always can. `answer` with a question, or `assignments` for other specialists, when the work cannot be done without; the artifact is then left empty and you are asked again.',
      }),
      artifact: z.object({
        kind: z.enum([kind]),
        title: visible(maxTitleLength).transform((title) => title.replaceAll(/\s+/g, ' ')),
        content: z
          .string()
          .transform((content) => content.toWellFormed())
          .meta({ description: 'The whole artifact as text; a JSON document as JSON text.' }),
      }),
      decisions: firstOf(decision, maxDecisions)
        .default([])
        .meta({ description: 'Each decision that the work rests on and somebody may want to know of, by its kind.' }),
      notes: notes
        .default({})
        .transform((given): Notes => Object.fromEntries(Object.entries(given).filter(([, text]) => text !== ''))),
      concerns: firstOf(
        visible(maxConcernLength).meta({ description: `At most ${maxConcernLength} characters.` }),
        maxConcernsRead,
      )
        .default([])
        .transform((concerns) => concerns.filter((concern) => concern !== '').slice(0, maxConcerns))
        .meta({ description: `What the coordinator must know, at most ${maxConcerns}; empty when there is nothing.` }),
    })
    .superRefine(({ needs, artifact }, context) => {
      const missing = (path: string[]) => context.addIssue({ code: 'custom', path, message: 'must not be empty' });
      if (needs.kind === 'answer' && needs.question === '') missing(['needs', 'question']);
      if (needs.kind === 'assignments' && needs.assignments.length === 0) missing(['needs', 'assignments']);
      if (needs.kind !== 'nothing') return;
      if (artifact.title === '') missing(['artifact', 'title']);
      if (artifact.content === '') missing(['artifact', 'content']);
    });

/** The answer to an assignment for an artifact of `kind`. Kept by kind: building a schema takes longer than using it. */
const specialistOutput = lazyBy(outputOf);

export type SpecialistOutput = z.output<ReturnType<typeof outputOf>>;
export type Needs = SpecialistOutput['needs'];

/**
 * The JSON schema that a model is asked to fill. Every field is required and nothing else allowed, and limits are told in
 * words: that is the subset which the structured outputs of all three providers take.
 */
export const specialistOutputSchema = lazyBy((kind: ArtifactKind): JsonSchema => {
  const { $schema: _, ...schema } = z.toJSONSchema(specialistOutput(kind), {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.minLength;
      delete jsonSchema.maxItems;
      delete jsonSchema.default;
      if (!jsonSchema.properties) return;
      jsonSchema.required = Object.keys(jsonSchema.properties);
      jsonSchema.additionalProperties = false;
    },
  });
  return schema;
});

export type ParsedOutput =
  | { readonly ok: true; readonly output: SpecialistOutput }
  | { readonly ok: false; readonly findings: readonly Finding[] };

const tooLong: Finding = { where: '', message: `The answer is too long: it may have ${maxAnswerBytes} bytes.` };

/** Reads an answer; what keeps it from being used comes back as findings for the specialist. Never throws. */
export const parseSpecialistOutput = (kind: ArtifactKind, text: string): ParsedOutput => {
  if (Buffer.byteLength(text) > maxAnswerBytes) return { ok: false, findings: [tooLong] };
  const json = findJsonObject(text, maxTokens);
  if (!json.ok) return json;
  const parsed = specialistOutput(kind).safeParse(json.value);
  return parsed.success ? { ok: true, output: parsed.data } : { ok: false, findings: zodFindings(parsed.error) };
};
