// Runs one specialist on one piece of work: prompt, model, parse, check, and back with the findings while repairs are left.
import { checkArtifact, type ArtifactCheck, type Finding } from '../artifacts/index.ts';
import { complete, type Gateway, type LlmCall } from '../llm/index.ts';
import { parseSpecialistOutput, specialistOutputSchema, type SpecialistOutput } from './output.ts';
import { buildPrompt, type PromptParts } from './prompt.ts';

export type SpecialistWork = Omit<PromptParts, 'repair'>;

export interface RunOptions {
  readonly gateway: Gateway;
  readonly signal: AbortSignal;
  readonly deadlineAt: Date;
  readonly maxRepairs: number;
  /** Called before each repair, so that what was spent and why is on record before more is spent. */
  readonly onRejected: (repair: number, findings: readonly Finding[], calls: readonly LlmCall[]) => Promise<void>;
}

/** `calls` are those made since the last `onRejected`. */
export type SpecialistDelivery =
  | {
      readonly outcome: 'delivered';
      readonly output: SpecialistOutput;
      readonly check: Extract<ArtifactCheck, { valid: true }>;
      readonly calls: readonly LlmCall[];
    }
  | { readonly outcome: 'invalid'; readonly findings: readonly Finding[]; readonly calls: readonly LlmCall[] };

const maxOutputTokens = 16_000;

/** Throws the gateway's failure when no provider answers. */
export const runSpecialist = async (work: SpecialistWork, options: RunOptions): Promise<SpecialistDelivery> => {
  const { artifactKind } = work.assignment;
  let repair: PromptParts['repair'];
  for (let round = 0; ; round++) {
    const answer = await complete(
      options.gateway,
      {
        ...buildPrompt({ ...work, ...(repair ? { repair } : {}) }),
        output: { name: 'specialist_output', schema: specialistOutputSchema(artifactKind) },
        maxOutputTokens,
      },
      { signal: options.signal, deadlineAt: options.deadlineAt, now: () => new Date() },
    );
    const judged = await judge(artifactKind, answer.text);
    if (judged.outcome === 'delivered' || round === options.maxRepairs) return { ...judged, calls: answer.calls };
    await options.onRejected(round + 1, judged.findings, answer.calls);
    repair = { previous: answer.text, findings: judged.findings };
  }
};

type Judgement =
  | Omit<Extract<SpecialistDelivery, { outcome: 'delivered' }>, 'calls'>
  | Omit<Extract<SpecialistDelivery, { outcome: 'invalid' }>, 'calls'>;

const judge = async (kind: SpecialistWork['assignment']['artifactKind'], text: string): Promise<Judgement> => {
  const parsed = parseSpecialistOutput(kind, text);
  if (!parsed.ok) return { outcome: 'invalid', findings: parsed.findings };
  const check = await checkArtifact(kind, parsed.output.artifact.content);
  return check.valid
    ? { outcome: 'delivered', output: parsed.output, check }
    : { outcome: 'invalid', findings: check.findings };
};
