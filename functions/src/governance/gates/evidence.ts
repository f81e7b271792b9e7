// Turns what happened into evidence: deliverables of the team, attestations from outside, approved waivers. Pure.
import type { ArtifactKind, Verdict } from '../../artifacts/schemas.ts';
import type { Approval } from '../approvals/schemas.ts';
import { acceptanceOf, gates, isByTeam, isCheckOf, type Bound, type ByValidator, type ByVerdict } from './gates.ts';
import {
  gateIds,
  type Attestation,
  type Attester,
  type Evidence,
  type EvidenceOutcome,
  type EvidenceSource,
  type GateId,
} from './schemas.ts';

/** A valid artifact of a task, with what its check read off it and who made it. */
export interface Deliverable {
  readonly assignment: string;
  readonly kind: ArtifactKind;
  readonly specialist: string;
  /** Version of the role card that the specialist worked by, where it is known. */
  readonly specialistVersion: number | null;
  /** The model that answered; null for a specialist without one. */
  readonly model: { readonly provider: string; readonly model: string } | null;
  readonly verdict: Verdict | null;
  readonly metrics: Readonly<Record<string, number>>;
  /** A rework or a later round replaced it: it no longer counts. */
  readonly superseded: boolean;
  readonly finishedAt: Date;
}

/** What a task's deliverables say of the gates. */
export const evidenceOf = (deliverables: readonly Deliverable[]): Evidence[] => {
  const current = deliverables.filter(({ superseded }) => !superseded);
  return gateIds.flatMap((gate) => current.flatMap((each) => judgedBy(gate, each, current)));
};

const judgedBy = (gate: GateId, deliverable: Deliverable, all: readonly Deliverable[]): Evidence[] =>
  gates[gate].accepts.flatMap((accepted) => {
    if (!isByTeam(accepted) || accepted.kind !== deliverable.kind) return [];
    const statement =
      accepted.source === 'validator' ? validated(accepted, deliverable) : reviewed(accepted, deliverable, all);
    return statement ? [{ gate, source: accepted.source, ...statement, ...provenance(deliverable) }] : [];
  });

type Statement = Pick<Evidence, 'outcome' | 'detail'>;

const validated = ({ bounds }: ByValidator, { kind, metrics }: Deliverable): Statement | undefined => {
  const measured = bounds.map((bound) => ({ bound, value: metrics[bound.metric] }));
  if (measured.some(({ value }) => value === undefined)) return undefined;
  const missed = measured.filter(({ bound, value = NaN }) => !within(bound, value));
  return missed.length === 0
    ? { outcome: 'passed', detail: `The ${kind} is valid.` }
    : { outcome: 'failed', detail: missed.map(({ bound, value = NaN }) => `${bound.metric} is ${value}`).join(', ') };
};

const within = ({ min = -Infinity, max = Infinity }: Bound, value: number) => value >= min && value <= max;

const reviewed = (
  { judges, requiresWork }: ByVerdict,
  review: Deliverable,
  all: readonly Deliverable[],
): Statement | undefined => {
  const judged = all.filter(({ kind }) => judges.includes(kind));
  if (review.verdict === null || !isIndependent(review, judged) || (requiresWork && judged.length === 0))
    return undefined;
  if (review.verdict === 'changes-needed') return { outcome: 'failed', detail: `The ${review.kind} asks for changes.` };
  return isOutdated(review.finishedAt, judges, all)
    ? undefined
    : { outcome: 'passed', detail: `The ${review.kind} passes.` };
};

/** Is there work of these kinds that somebody who spoke then cannot have seen? */
const isOutdated = (saidAt: Date, judges: readonly ArtifactKind[], all: readonly Deliverable[]): boolean =>
  all.some(({ kind, finishedAt }) => judges.includes(kind) && finishedAt > saidAt);

type Made = Pick<Deliverable, 'specialist'>;

/** The reviewer made none of what is judged. */
export const isIndependent = ({ specialist }: Made, judged: readonly Made[]): boolean =>
  judged.every((each) => each.specialist !== specialist);

const provenance = ({ assignment, specialist, specialistVersion, model, finishedAt }: Deliverable) => ({
  subject: assignment,
  ref: assignment,
  by: {
    kind: 'agent',
    agent: specialist,
    version: specialistVersion,
    provider: model?.provider ?? null,
    model: model?.model ?? null,
  } satisfies Attester,
  at: finishedAt,
  outdated: false,
  interested: false,
});

/** Who has a stake in the gates of a task: whoever submitted it, in all; whoever asked to waive one, in that one. */
export interface Stakes {
  readonly submittedBy: string | null;
  readonly approvals: readonly Approval[];
}

/** Whether a statement is of its gate: CI's must be named after it, or it is about something else. */
export const isOfItsGate = ({ gate, check, by }: Attestation): boolean => by.kind !== 'key' || isCheckOf(gate, check);

/** What people and CI said, whether the work is newer, and whether they had a stake in it. */
export const evidenceOfAttestations = (
  attestations: readonly Attestation[],
  deliverables: readonly Deliverable[],
  stakes: Stakes,
): Evidence[] => {
  const current = deliverables.filter(({ superseded }) => !superseded);
  return attestations.filter(isOfItsGate).map((attestation) => {
    const { id, gate, status, check, summary, by, at } = attestation;
    const source = by.kind === 'key' ? 'attestation' : 'human';
    const passes = status === 'passed';
    return {
      ...{ gate, source, outcome: status, subject: check, ref: id, by, at, detail: summary },
      outdated: passes && isOutdated(saidUntil(attestation), judgedBySource(gate, source), current),
      interested: passes && by.kind === 'person' && hasStake(by.uid, gate, stakes),
    };
  });
};

const hasStake = (uid: string, gate: GateId, { submittedBy, approvals }: Stakes): boolean =>
  uid === submittedBy ||
  approvals.some(
    ({ subject, requestedBy }) =>
      subject.kind === 'waiver' && subject.gate === gate && requestedBy.kind === 'person' && requestedBy.uid === uid,
  );

const judgedBySource = (gate: GateId, source: EvidenceSource): readonly ArtifactKind[] => {
  const accepted = acceptanceOf(gate, source);
  return accepted && 'judges' in accepted ? accepted.judges : [];
};

/** A token gives its time in whole seconds: it may have been made until the end of that one. */
const saidUntil = ({ by, at }: Attestation): Date => (by.kind === 'key' ? new Date(at.getTime() + 999) : at);

/** The waivers that somebody approved. Silence never waives a gate. */
export const evidenceOfWaivers = (approvals: readonly Approval[]): Evidence[] =>
  approvals.flatMap(({ id, subject, state, decision }) => {
    if (subject.kind !== 'waiver' || state !== 'approved' || decision === null) return [];
    const outcome: EvidenceOutcome = 'passed';
    const by: Attester = { kind: 'person', ...decision.by };
    return [
      {
        gate: subject.gate,
        source: 'waiver',
        outcome,
        subject: 'gate',
        ref: id,
        by,
        at: decision.at,
        detail: subject.reason,
        outdated: false,
        interested: false,
      },
    ];
  });
