// Runs one specialist on one piece of work: prompt, model, parse, check, and back with the findings while repairs are left.
import { checkArtifact, type ArtifactCheck, type CheckTurn, type Finding } from '../artifacts/index.ts';
import { complete, type Gateway, type LlmCall, type ProviderName } from '../llm/index.ts';
import { databaseTime } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { parseSpecialistOutput, specialistOutputSchema, type Needs, type SpecialistOutput } from './output.ts';
import { buildPrompt, type PromptParts } from './prompt.ts';

export type SpecialistWork = Omit<PromptParts, 'repair'>;

export interface RunOptions {
  readonly org: OrgId;
  readonly gateway: Gateway;
  readonly signal: AbortSignal;
  readonly deadlineAt: Date;
  readonly maxRepairs: number;
  /** Called before each repair, so that what was spent and why is on record before more is spent. */
  readonly onRejected: (rejected: Rejected, calls: readonly LlmCall[]) => Promise<void>;
  /** An answer of an earlier run that was refused: the work goes on with its repair. */
  readonly resumeAfter?: Rejected;
  /** Whose answers to this work were refused by earlier runs, once for each. */
  readonly refusedBefore?: readonly ProviderName[];
}

/** An answer that could not be used; `repair` counts from 1. */
export interface Rejected {
  readonly repair: number;
  readonly previous: string;
  readonly findings: readonly Finding[];
}

/** `calls` are those made since the last `onRejected`. */
export type SpecialistDelivery =
  | {
      readonly outcome: 'delivered';
      readonly output: SpecialistOutput;
      readonly check: Extract<ArtifactCheck, { valid: true }>;
      readonly calls: readonly LlmCall[];
    }
  | { readonly outcome: 'needs'; readonly needs: Needs; readonly calls: readonly LlmCall[] }
  | { readonly outcome: 'invalid'; readonly findings: readonly Finding[]; readonly calls: readonly LlmCall[] };

/** An artifact as a JSON text within a JSON text; the newest tokenizers make a third more of it than those before. */
export const specialistRoom = { answerTokens: 32_000, effort: 'medium' } as const;

/** As often as answers of one provider may be refused before another one is asked for the repair. */
const maxRefusedOfOne = 2;
/** Of a refused answer, in UTF-16 units: it is kept in one document with its findings, and asked about again. */
const maxPreviousLength = 200_000;

/** Throws the gateway's failure when no provider answers. */
export const runSpecialist = async (work: SpecialistWork, options: RunOptions): Promise<SpecialistDelivery> => {
  const { artifactKind } = work.assignment;
  let repair: PromptParts['repair'] = options.resumeAfter;
  const refused: ProviderName[] = [...(options.refusedBefore ?? [])];
  for (let round = options.resumeAfter?.repair ?? 0; ; round++) {
    const answer = await complete(
      options.gateway,
      {
        ...buildPrompt({ ...work, ...(repair ? { repair } : {}) }),
        output: { name: 'specialist_output', schema: specialistOutputSchema(artifactKind) },
        ...specialistRoom,
      },
      { signal: options.signal, deadlineAt: options.deadlineAt, now: databaseTime, last: timesOver(refused) },
    );
    const judged = await judgeOutput(work.assignment, answer.text, { org: options.org, patient: true });
    if (judged.outcome !== 'invalid' || round >= options.maxRepairs) return { ...judged, calls: answer.calls };
    const previous = answer.text.slice(0, maxPreviousLength).toWellFormed();
    const rejected = { repair: round + 1, previous, findings: judged.findings };
    await options.onRejected(rejected, answer.calls);
    repair = rejected;
    refused.push(...answered(answer.calls));
  }
};

/** The providers of calls that brought an answer. */
export const answered = (calls: readonly LlmCall[]): ProviderName[] =>
  calls.filter(({ outcome }) => outcome === 'ok').map(({ provider }) => provider);

const timesOver = (refused: readonly ProviderName[]): ReadonlySet<ProviderName> =>
  new Set(refused.filter((each) => refused.filter((other) => other === each).length >= maxRefusedOfOne));

/** What an answer is worth, before anything is said of what it cost. */
export type Judgement = SpecialistDelivery extends infer D ? (D extends unknown ? Omit<D, 'calls'> : never) : never;

/** Reads an answer to an assignment, whoever gave it, and checks its artifact. Throws for nothing that it holds, but `artifacts.checks_busy`. */
export const judgeOutput = async (
  { artifactKind: kind, mayAsk }: Pick<SpecialistWork['assignment'], 'artifactKind' | 'mayAsk'>,
  text: string,
  turn: CheckTurn,
): Promise<Judgement> => {
  const parsed = parseSpecialistOutput(kind, text);
  if (!parsed.ok) return { outcome: 'invalid', findings: parsed.findings };
  const { needs } = parsed.output;
  if (needs.kind !== 'nothing') {
    return mayAsk ? { outcome: 'needs', needs } : { outcome: 'invalid', findings: [nothingLeftToAsk] };
  }
  const check = await checkArtifact(kind, parsed.output.artifact.content, turn);
  return check.valid
    ? { outcome: 'delivered', output: parsed.output, check }
    : { outcome: 'invalid', findings: check.findings };
};

const nothingLeftToAsk = { where: '/needs/kind', message: 'must be nothing: deliver with what you have' };
