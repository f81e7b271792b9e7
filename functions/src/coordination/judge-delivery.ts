// Which decisions behind a delivery are above our authority, and what in it somebody above must know: by what the specialist states,
// and by what its design shows next to the one that was accepted last for the same service.
import type { SpecialistOutput } from '../agents/index.ts';
import { z } from 'zod';
import type { ArtifactKind } from '../artifacts/index.ts';
import { detectInDelivery, judgeDecisions, type DecisionContext } from '../governance/index.ts';
import type { EscalationDraft, NeedingApproval } from '../governance/schemas.ts';
import { acceptedDesign, designKinds } from './designs.firestore.ts';
import { readDesign } from './designs.ts';
import type { Assignment } from './schemas.ts';

export interface Judged {
  /** The decisions that somebody above must take. */
  readonly above: readonly NeedingApproval[];
  /** What somebody above must know. */
  readonly alarms: readonly EscalationDraft[];
}

/** Reads the accepted design if the task names its service; otherwise nothing. */
export const judgeDelivery = async (
  { org, task, id, artifactKind, brief }: Assignment,
  { decisions, artifact }: Pick<SpecialistOutput, 'decisions' | 'artifact'>,
): Promise<Judged> => {
  const { content } = artifact;
  const before =
    brief.service !== null && designKinds.has(artifactKind)
      ? await acceptedDesign(org, brief.service, artifactKind)
      : undefined;
  const previous = before ? await readDesign(artifactKind, before.content) : {};
  const current = before ? await readDesign(artifactKind, content) : {};
  const context = before ? contextOf(artifactKind, [before.content, content], { previous, current }) : {};
  const delivery = { org, task, assignment: id, kind: artifactKind, content, previous, current };
  return {
    above: judgeDecisions(decisions, context).needing,
    // Whether data is safe is judged when the task is done: model and rules are made side by side.
    alarms: detectInDelivery({ ...delivery, policy: { dataClasses: [] } }),
  };
};

const contextOf = (
  kind: ArtifactKind,
  [before, after]: readonly [string, string],
  designs: Pick<DecisionContext, 'previous' | 'current'>,
): DecisionContext =>
  kind === 'deployment-plan'
    ? { monthlyCost: { baselineNanoUsd: monthlyCostOf(before), projectedNanoUsd: monthlyCostOf(after) } }
    : designs;

const nanoPerUsd = 1e9;

const withCost = z.object({ estimatedMonthlyCostUsd: z.number().nonnegative() });

/** The figure of a valid deployment plan, in nano-USD. */
const monthlyCostOf = (content: string): bigint => {
  const { estimatedMonthlyCostUsd } = withCost.parse(JSON.parse(content));
  return BigInt(Math.round(estimatedMonthlyCostUsd * nanoPerUsd));
};
