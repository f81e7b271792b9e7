// What a specialist gives back. It is a model's text: parsed strictly, reduced to the known fields, and never obeyed.
import { z } from 'zod';
import type { ArtifactKind, Finding } from '../artifacts/index.ts';
import type { JsonSchema } from '../llm/index.ts';
import { noteFields, type Notes } from '../scratchpads/index.ts';

const maxSummaryLength = 600;
const maxNoteLength = 600;
const maxConcernLength = 300;
const maxConcerns = 10;

/** Keeps line breaks and tabs; drops what could hide text from a reader or break a log line. */
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

const visible = (maxLength: number) =>
  z.string().transform((text) => text.replaceAll(invisible, '').trim().slice(0, maxLength).toWellFormed());

const answer = z.object({
  summary: visible(maxSummaryLength).pipe(z.string().min(1)),
  artifact: z.object({ kind: z.string(), title: visible(200).pipe(z.string().min(1)), content: z.string().min(1) }),
  notes: z.partialRecord(z.enum(noteFields), visible(maxNoteLength)).catch({}),
  concerns: z.array(visible(maxConcernLength)).catch([]),
});

export interface SpecialistOutput {
  readonly summary: string;
  readonly artifact: { readonly title: string; readonly content: string };
  /** Only what the specialist had to say: empty notes are left out. */
  readonly notes: Notes;
  readonly concerns: readonly string[];
}

/** The JSON schema that a model is asked to fill: every field required and nothing else allowed, as all providers take it. */
export const specialistOutputSchema = (kind: ArtifactKind): JsonSchema =>
  object({
    summary: { type: 'string', description: 'One or two sentences on what was done.' },
    artifact: object({
      kind: { type: 'string', enum: [kind] },
      title: { type: 'string' },
      content: { type: 'string', description: 'The whole artifact as text; JSON documents as JSON text.' },
    }),
    notes: object(Object.fromEntries(noteFields.map((field) => [field, { type: 'string', description: 'Empty when it does not apply.' }]))),
    concerns: { type: 'array', items: { type: 'string' } },
  });

const object = (properties: Record<string, unknown>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

export type ParsedOutput =
  | { readonly ok: true; readonly output: SpecialistOutput }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Reads an answer. Unknown fields are dropped; a wrong kind or a missing part is a finding for the specialist. */
export const parseSpecialistOutput = (kind: ArtifactKind, text: string): ParsedOutput => {
  const json = jsonObject(text);
  if (json === undefined) return refused([{ where: '', message: 'The answer must be one JSON object of the requested schema.' }]);
  const parsed = answer.safeParse(json);
  if (!parsed.success) {
    return refused(parsed.error.issues.map(({ path, message }) => ({ where: `/${path.map(String).join('/')}`, message })));
  }
  const { summary, artifact, notes, concerns } = parsed.data;
  if (artifact.kind !== kind) return refused([{ where: '/artifact/kind', message: `must be "${kind}"` }]);
  return {
    ok: true,
    output: {
      summary,
      artifact: { title: artifact.title, content: artifact.content },
      notes: Object.fromEntries(Object.entries(notes).filter(([, note]) => note !== '')),
      concerns: concerns.filter((concern) => concern !== '').slice(0, maxConcerns),
    },
  };
};

const refused = (findings: readonly Finding[]): ParsedOutput => ({ ok: false, findings });

const jsonFence = /^\s*```(?:json)?\s*\n([^]*?)\n\s*```\s*$/;

/** The object that the text is, or that a single code fence around everything holds. */
const jsonObject = (text: string): unknown => {
  const source = jsonFence.exec(text)?.[1] ?? text;
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
