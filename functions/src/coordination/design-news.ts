// What the designs of a finished task mean for others: which endpoints there are, what breaks, and whether the data is safe.
import { breakingChanges, detectInDelivery, type Designs } from '../governance/index.ts';
import type { EscalationDraft, NeedingApproval, OrgPolicy } from '../governance/schemas.ts';
import type { OrgId } from '../platform/schemas.ts';
import { acceptedDesign } from './designs.firestore.ts';
import { readDesign } from './designs.ts';
import type { Publication } from './publication.ts';
import type { Artifact } from './schemas.ts';

export interface DesignNews {
  readonly endpoints: readonly string[];
  /** Changes that callers of the contract accepted before must follow. */
  readonly breaking: readonly string[];
  /** False when there was no contract to compare with. */
  readonly compared: boolean;
  readonly alarms: readonly EscalationDraft[];
  /** Data without the safeguards that it needs is not ours to publish. */
  readonly above: readonly NeedingApproval[];
}

/** Reads what was accepted before of the half of the data design that the task did not make, if it names its service. */
export const newsOf = async (
  { service, artifacts, accepted }: Pick<Publication, 'service' | 'artifacts' | 'accepted'>,
  policy: OrgPolicy,
): Promise<DesignNews> => {
  const designs = await Promise.all(artifacts.map(({ kind, content }) => readDesign(kind, content)));
  const current = designs.reduce<Designs>((all, each) => ({ ...all, ...each }), {});
  const before = current.openapi ? accepted.get('openapi')?.value : undefined;
  const previous = before ? await readDesign('openapi', before.content) : {};
  const alarms = await alarmsOn(service, artifacts, { current, policy });
  return {
    endpoints: endpointsIn(current.openapi),
    breaking: before
      ? breakingChanges(previous.openapi, current.openapi).map(({ kind, at }) => `${kind} at ${at}`)
      : [],
    compared: before !== undefined,
    alarms,
    above: alarms.filter(({ trigger }) => trigger === 'compliance').map(toDecide),
  };
};

const toDecide = ({ trigger, title, evidence }: EscalationDraft): NeedingApproval => ({
  decision: { kind: trigger, summary: `${title}.`, rationale: '' },
  why: `${evidence.map(({ detail }) => detail).join('; ')}.`,
});

interface Made {
  readonly current: Designs;
  readonly policy: OrgPolicy;
}

/** Judged once, by whichever half of the data design the task made: model and rules protect data together or not at all. */
const alarmsOn = async (
  service: string | undefined,
  artifacts: readonly Artifact[],
  { current, policy }: Made,
): Promise<EscalationDraft[]> => {
  const judged =
    artifacts.findLast(({ kind }) => kind === 'firestore-schema') ??
    artifacts.findLast(({ kind }) => kind === 'security-rules');
  if (!judged) return [];
  const { org, task, id, kind, content } = judged;
  const accepted = service === undefined ? {} : await otherHalf(org, service, current);
  const whole = { ...accepted, ...current };
  return detectInDelivery({ org, task, assignment: id, kind, content, previous: {}, current: whole, policy });
};

/** What was accepted before for the service, of model and rules the one that the task did not make. */
const otherHalf = async (
  org: OrgId,
  service: string,
  { firestoreSchema, securityRules }: Designs,
): Promise<Designs> => {
  if (firestoreSchema && securityRules !== undefined) return {};
  const kind = firestoreSchema ? 'security-rules' : 'firestore-schema';
  const accepted = await acceptedDesign(org, service, kind);
  return accepted ? readDesign(kind, accepted.value.content) : {};
};

const endpointsIn = (openapi: unknown): string[] => {
  const paths = typeof openapi === 'object' && openapi !== null && 'paths' in openapi ? openapi.paths : undefined;
  return typeof paths === 'object' && paths !== null ? Object.keys(paths) : [];
};
