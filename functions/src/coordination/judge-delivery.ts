// Which decisions behind a delivery are above our authority, and what in it somebody above must know: by what the specialist states,
// and by what its design shows next to the one that was accepted last for the same service.
import type { SpecialistOutput } from '../agents/index.ts';
import { z } from 'zod';
import type { ArtifactKind } from '../artifacts/index.ts';
import { detectInDelivery, judgeDecisions, type DecisionContext } from '../governance/index.ts';
import type { Decision, EscalationDraft, NeedingApproval } from '../governance/schemas.ts';
import { acceptedDesign, designKinds, type Design } from './designs.firestore.ts';
import { readDesign } from './designs.ts';
import type { Artifact, Assignment, TaskId } from './schemas.ts';

export interface Judged {
  /** The decisions that the main coordinator must take. */
  readonly above: readonly NeedingApproval[];
  /** What somebody above must know. */
  readonly alarms: readonly EscalationDraft[];
}

export interface JudgedDelivery extends Judged {
  /** Decisions that would be the main coordinator's, if anything in the work showed them. */
  readonly unshown: readonly Decision[];
  /** The task whose design it was judged by, if any. */
  readonly comparedWith: TaskId | null;
}

/** Reads the accepted design if the task names its service; otherwise nothing. */
export const judgeDelivery = async (
  { org, task, id, artifactKind: kind, brief }: Assignment,
  { decisions, artifact: { content } }: Pick<SpecialistOutput, 'decisions' | 'artifact'>,
): Promise<JudgedDelivery> => {
  const before =
    brief.service !== null && designKinds.has(kind)
      ? (await acceptedDesign(org, brief.service, kind))?.value
      : undefined;
  const judged = await judge({ org, task, id, kind, content }, before, decisions);
  return { ...judged, comparedWith: before?.task ?? null };
};

/** Judges a design by one that was accepted after it had been delivered. What its specialist stated was judged then. */
export const judgeAgain = async (artifact: Artifact, accepted: Design): Promise<Judged> => {
  const { above, alarms } = await judge(artifact, accepted, []);
  return { above, alarms: alarms.map((alarm) => ({ ...alarm, key: `${alarm.key} ${accepted.task}` })) };
};

/** A first version, too, may bring in services of others. */
const namesThirdParties: ReadonlySet<ArtifactKind> = new Set(['service-boundaries', 'llm-design']);

const judge = async (
  { org, task, id, kind, content }: Pick<Artifact, 'org' | 'task' | 'id' | 'kind' | 'content'>,
  before: Design | undefined,
  decisions: SpecialistOutput['decisions'],
): Promise<Omit<JudgedDelivery, 'comparedWith'>> => {
  const previous = before ? await readDesign(kind, before.content) : {};
  const current = before || namesThirdParties.has(kind) ? await readDesign(kind, content) : {};
  const context = before ? contextOf(kind, [before.content, content], { previous, current }) : { current };
  const delivery = { org, task, assignment: id, kind, content, previous, current };
  const { needing, unshown } = judgeDecisions(decisions, context);
  return {
    above: needing,
    unshown,
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
