// The designs that were accepted last for a service: what a later task's designs are compared with.
import { AggregateField } from 'firebase-admin/firestore';
import { z } from 'zod';
import { artifactKind, artifactMetrics, type ArtifactKind } from '../artifacts/schemas.ts';
import {
  firestore,
  parseOptional,
  readAggregate,
  readDocument,
  readQuery,
  readable,
  unchangedSince,
  type Batch,
  type Stored,
} from '../platform/firestore.ts';
import { instant, orgId, type OrgId } from '../platform/schemas.ts';
import { serviceName, taskId, type Artifact } from './schemas.ts';

/** `orgs/{org}/designs/{service}.{kind}`. */
const design = z.object({
  org: orgId,
  service: serviceName,
  kind: artifactKind,
  task: taskId,
  content: z.string(),
  /** What its check read off it: endpoints of a contract, monthly cost of a deployment plan. */
  metrics: artifactMetrics.default({}),
  acceptedAt: instant,
});
export type Design = z.infer<typeof design>;

/** The kinds that outlive their task. */
export const designKinds: ReadonlySet<ArtifactKind> = new Set([
  'service-boundaries',
  'openapi',
  'firestore-schema',
  'security-rules',
  'llm-design',
  'deployment-plan',
]);

const designsOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('designs');

const designRef = (org: OrgId, service: string, kind: ArtifactKind) => designsOf(org).doc(`${service}.${kind}`);

export interface Acceptance {
  readonly service: string;
  readonly metrics: Design['metrics'];
  /** What it replaces; undefined for the first of its kind. */
  readonly before: Stored<Design> | undefined;
  readonly at: Date;
}

/** Puts a design into the commit that completes its task. The commit is refused when another was accepted since `before` was read. */
export const acceptDesign = (
  batch: Batch,
  { org, task, kind, content }: Artifact,
  { service, metrics, before, at }: Acceptance,
): void => {
  const accepted: Design = { org, service, kind, task, content, metrics, acceptedAt: at };
  const ref = designRef(org, service, kind);
  if (before) batch.update(ref, { ...accepted }, unchangedSince(before.revision));
  else batch.create(ref, accepted);
};

/** The sum of a metric over the designs of a kind that the org's services have accepted last; null when no service has one. */
export const metricOfDesigns = async (org: OrgId, kind: ArtifactKind, metric: string): Promise<number | null> => {
  const accepted = designsOf(org).where('kind', '==', kind);
  const total = AggregateField.sum(`metrics.${metric}`);
  const { count, sum } = await readAggregate(accepted.aggregate({ count: AggregateField.count(), sum: total }));
  return Number(count) === 0 ? null : Number(sum);
};

/** More than an org would tell apart by name. */
const maxServices = 500;

/** The names of the org's services that have accepted boundaries or a contract. */
export const servicesOf = async (org: OrgId): Promise<string[]> => {
  const kinds: ArtifactKind[] = ['service-boundaries', 'openapi'];
  const found = await readQuery(designsOf(org).where('kind', 'in', kinds).select('service').limit(maxServices));
  const named = z.object({ service: serviceName });
  return [...new Set(found.flatMap((snapshot) => readable(named, snapshot).map(({ value }) => value.service)))];
};

/** Has anything been accepted for a service of that name? */
export const isServiceKnown = async (org: OrgId, service: string): Promise<boolean> =>
  (await readQuery(designsOf(org).where('service', '==', service).select().limit(1))).length > 0;

/** What the service has accepted last, of the kinds that it has. */
export const acceptedDesigns = async (
  org: OrgId,
  service: string,
  kinds: readonly ArtifactKind[],
): Promise<Design[]> => {
  const found = await Promise.all(kinds.map((kind) => acceptedDesign(org, service, kind)));
  return found.flatMap((stored) => (stored ? [stored.value] : []));
};

export const acceptedDesign = async (
  org: OrgId,
  service: string,
  kind: ArtifactKind,
): Promise<Stored<Design> | undefined> => parseOptional(design, await readDocument(designRef(org, service, kind)));
