// Which decisions behind a delivery are above our authority: by what the specialist states, and by what its design shows next to
// the one that was accepted last for the same service.
import type { SpecialistOutput } from '../agents/index.ts';
import { parseJson, readOpenapi, type ArtifactKind } from '../artifacts/index.ts';
import { judgeDecisions, type DecisionContext, type Designs } from '../governance/index.ts';
import { dataModel, type NeedingApproval } from '../governance/schemas.ts';
import { acceptedDesign, designKinds } from './designs.firestore.ts';
import type { Assignment } from './schemas.ts';

/** Reads the accepted design if the task names its service; otherwise nothing. */
export const decisionsAbove = async (
  { org, artifactKind, brief }: Assignment,
  { decisions, artifact }: Pick<SpecialistOutput, 'decisions' | 'artifact'>,
): Promise<readonly NeedingApproval[]> => {
  const before =
    brief.service !== null && designKinds.has(artifactKind)
      ? await acceptedDesign(org, brief.service, artifactKind)
      : undefined;
  const context = before ? await contextOf(artifactKind, before.content, artifact.content) : {};
  return judgeDecisions(decisions, context).needing;
};

const contextOf = async (kind: ArtifactKind, before: string, after: string): Promise<DecisionContext> => {
  if (kind === 'deployment-plan') {
    return { monthlyCost: { baselineNanoUsd: monthlyCostOf(before), projectedNanoUsd: monthlyCostOf(after) } };
  }
  return { previous: await designsOf(kind, before), current: await designsOf(kind, after) };
};

const designsOf = async (kind: ArtifactKind, content: string): Promise<Designs> => {
  switch (kind) {
    case 'openapi': {
      const read = await readOpenapi(content);
      return read.ok ? { openapi: read.root } : {};
    }
    case 'firestore-schema': {
      const read = parseJson(content);
      return read.ok ? { firestoreSchema: dataModel.parse(read.value) } : {};
    }
    case 'security-rules':
      return { securityRules: content };
    default:
      return {};
  }
};

const nanoPerUsd = 1e9;

/** The figure of a valid deployment plan, in nano-USD. */
const monthlyCostOf = (content: string): bigint => {
  const read = parseJson(content);
  const usd =
    read.ok && typeof read.value === 'object' && read.value !== null && 'estimatedMonthlyCostUsd' in read.value;
  return usd
    ? BigInt(
        Math.round(Number((read.value as { estimatedMonthlyCostUsd: unknown }).estimatedMonthlyCostUsd) * nanoPerUsd),
      )
    : 0n;
};
