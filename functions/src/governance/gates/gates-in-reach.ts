// Which gates a plan can pass, before any of its work is done; evidence.ts says what the work shows once it is. Pure.
//
// W1. If all work of the plan succeeds and no review objects, every gate that the plan can pass has passed.
// W2. That is still so after a rework: a review either comes after the others or is repeated with them (P3 of coordination/plan.ts).
import { reviewKinds, type ArtifactKind } from '../../artifacts/schemas.ts';
import { isIndependent } from './evidence.ts';
import { gates, isByTeam, type ByVerdict } from './gates.ts';
import type { GateId } from './schemas.ts';

/** A node of an acyclic plan. */
export interface PlannedWork {
  readonly id: string;
  readonly specialist: string;
  readonly artifactKind: ArtifactKind;
  readonly dependsOn: readonly string[];
}

export interface GateNeeds {
  readonly gate: GateId;
  /** What a plan has to hold, any one of these. */
  readonly needed: readonly string[];
}

/** Of the required gates, those that the work of a team can pass and that of this plan cannot. */
export const unreachableGates = (plan: readonly PlannedWork[], required: readonly GateId[]): GateNeeds[] =>
  workNeededFor(required).filter(({ gate }) => !canPass(gate, plan));

/** What the work of a team can bring for the required gates. A gate for which it can bring nothing is left out. */
export const workNeededFor = (required: readonly GateId[]): GateNeeds[] =>
  required
    .map((gate) => ({ gate, needed: gates[gate].accepts.filter(isByTeam).map(({ needed }) => needed) }))
    .filter(({ needed }) => needed.length > 0);

const canPass = (gate: GateId, plan: readonly PlannedWork[]): boolean => {
  const accepted = gates[gate].accepts.filter(isByTeam);
  return plan.some((work) =>
    accepted.some(
      (each) => each.kind === work.artifactKind && (each.source === 'validator' || canJudge(each, work, plan)),
    ),
  );
};

const canJudge = ({ judges, requiresWork }: ByVerdict, review: PlannedWork, plan: readonly PlannedWork[]): boolean => {
  const judged = plan.filter(({ artifactKind }) => judges.includes(artifactKind));
  return seesAll(review, judged, plan) && isIndependent(review, judged) && (!requiresWork || judged.length > 0);
};

/** It comes after all that it judges, and nothing of that is changed for another review without its seeing it (W2). */
const seesAll = (review: PlannedWork, judged: readonly PlannedWork[], plan: readonly PlannedWork[]): boolean => {
  const before = allBefore(review, plan);
  const others = plan.filter(
    (other) =>
      other !== review && reviewKinds.has(other.artifactKind) && judged.some(({ id }) => other.dependsOn.includes(id)),
  );
  return (
    judged.every(({ id }) => before.has(id)) &&
    others.every(({ id, dependsOn }) => before.has(id) || dependsOn.includes(review.id))
  );
};

/** Ids of what is done before it, directly or not. */
const allBefore = ({ dependsOn }: PlannedWork, plan: readonly PlannedWork[]): ReadonlySet<string> => {
  const found = new Set(dependsOn);
  // A set is walked to its end, and that grows.
  for (const id of found) plan.find((each) => each.id === id)?.dependsOn.forEach((each) => found.add(each));
  return found;
};
