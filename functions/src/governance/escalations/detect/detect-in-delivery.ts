// What a delivered artifact itself shows that somebody above must know. Pure: the engine calls it where it commits a result, and puts
// the drafts into that commit.
import type { ArtifactKind } from '../../../artifacts/schemas.ts';
import type { OrgId } from '../../../platform/schemas.ts';
import type { Designs } from '../../decisions/judge-decisions.ts';
import type { OrgPolicy } from '../../policy/schemas.ts';
import type { EscalationDraft, EscalationEvidence, Severity } from '../schemas.ts';
import { complianceGaps } from './compliance.ts';
import { droppedCollections } from './data-loss-risk.ts';
import { counted, toDraft, type Finding } from './draft.ts';
import { breakingChanges } from './openapi/breaking-changes.ts';
import { scalabilityLimits } from './scalability-limit.ts';
import { vulnerabilities } from './security-vulnerability.ts';

export interface Delivery {
  readonly org: OrgId;
  readonly task: string;
  readonly assignment: string;
  readonly kind: ArtifactKind;
  readonly content: string;
  /** The designs accepted before this delivery, of the same service. */
  readonly previous: Designs;
  /** The designs with this delivery. */
  readonly current: Designs;
  readonly policy: Pick<OrgPolicy, 'dataClasses'>;
}

/** Drafts of what the delivered artifact shows, by every detector; none when all is well. */
export const detectInDelivery = (delivery: Delivery): EscalationDraft[] =>
  detectors.flatMap((detect) => detect(delivery)).map((finding) => toDraft(delivery, finding));

type Detector = (delivery: Delivery) => Finding[];

/** One finding for all that a detector saw in the artifact; none for nothing. */
const findingIn = (
  { task, assignment, kind }: Delivery,
  { trigger, severity, title }: Pick<Finding, 'trigger' | 'severity' | 'title'>,
  facts: readonly { at: string; detail: string }[],
): Finding[] => {
  if (facts.length === 0) return [];
  const evidence = facts.map(({ at, detail }): EscalationEvidence => {
    return { source: 'artifact', ref: `${assignment}#${at}`, detail };
  });
  return [{ trigger, severity, title, subject: `${task} ${kind}`, occurrence: assignment, evidence }];
};

const breakingChange: Detector = (delivery) => {
  const { kind, previous, current } = delivery;
  if (kind !== 'openapi' || previous.openapi === undefined) return [];
  const changes = breakingChanges(previous.openapi, current.openapi);
  const isGone = changes.some(({ kind }) => kind === 'path-removed' || kind === 'operation-removed');
  const severity: Severity = isGone ? 'high' : 'medium';
  const title = `The API contract has ${counted(changes.length, 'breaking change', 'breaking changes')}`;
  const facts = changes.map(({ at, in: where, kind, detail }) => {
    return { at, detail: `${kind}: ${detail}${where === 'before' ? ' (place in the contract before)' : ''}` };
  });
  return findingIn(delivery, { trigger: 'breaking-api-change', severity, title }, facts);
};

const vulnerability: Detector = (delivery) => {
  if (delivery.kind !== 'security-review') return [];
  const found = vulnerabilities(delivery.content);
  const severity = found[0]?.severity ?? 'high';
  const title = `The security review has ${counted(found.length, 'grave finding', 'grave findings')}`;
  const facts = found.map(({ at, severity, title, recommendation }) => {
    return { at, detail: `${severity}: ${title}. ${recommendation}` };
  });
  return findingIn(delivery, { trigger: 'security-vulnerability', severity, title }, facts);
};

const dataLoss: Detector = (delivery) => {
  const { kind, previous, current } = delivery;
  if (kind !== 'firestore-schema' || !previous.firestoreSchema || !current.firestoreSchema) return [];
  const dropped = droppedCollections(previous.firestoreSchema, current.firestoreSchema);
  const title = `The data model drops ${counted(dropped.length, 'collection', 'collections')}`;
  const facts = dropped.map((path) => ({ at: '/collections', detail: `${path} is dropped with its records` }));
  return findingIn(delivery, { trigger: 'data-loss-risk', severity: 'high', title }, facts);
};

const compliance: Detector = (delivery) => {
  const { kind, current, policy } = delivery;
  if ((kind !== 'firestore-schema' && kind !== 'security-rules') || !current.firestoreSchema) return [];
  const design = { model: current.firestoreSchema, rules: current.securityRules };
  const gaps = complianceGaps(design, policy.dataClasses);
  const title = `Data that needs care lacks ${counted(gaps.length, 'safeguard', 'safeguards')}`;
  const facts = gaps.map(({ dataClass, path, field, detail }) => {
    return { at: '', detail: `${path}, ${field} (${dataClass} data): ${detail}` };
  });
  return findingIn(delivery, { trigger: 'compliance', severity: 'high', title }, facts);
};

const size: Detector = ({ task, assignment, content }) =>
  scalabilityLimits([
    { name: 'document-size', subject: `artifact ${task}/${assignment}`, value: Buffer.byteLength(content) },
  ]);

const detectors: readonly Detector[] = [breakingChange, vulnerability, dataLoss, compliance, size];
