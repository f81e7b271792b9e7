// The designs that were accepted last for a service: what a later task's designs are compared with.
import { z } from 'zod';
import { artifactKind, type ArtifactKind } from '../artifacts/schemas.ts';
import {
  firestore,
  parseOptional,
  readDocument,
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
  acceptedAt: instant,
});
export type Design = z.infer<typeof design>;

/** The kinds that outlive their task. */
export const designKinds: ReadonlySet<ArtifactKind> = new Set([
  'openapi',
  'firestore-schema',
  'security-rules',
  'deployment-plan',
]);

const designRef = (org: OrgId, service: string, kind: ArtifactKind) =>
  firestore().collection('orgs').doc(org).collection('designs').doc(`${service}.${kind}`);

export interface Acceptance {
  readonly service: string;
  /** What it replaces; undefined for the first of its kind. */
  readonly before: Stored<Design> | undefined;
  readonly at: Date;
}

/** Puts a design into the commit that completes its task. The commit is refused when another was accepted since `before` was read. */
export const acceptDesign = (
  batch: Batch,
  { org, task, kind, content }: Artifact,
  { service, before, at }: Acceptance,
): void => {
  const accepted: Design = { org, service, kind, task, content, acceptedAt: at };
  const ref = designRef(org, service, kind);
  if (before) batch.update(ref, { ...accepted }, unchangedSince(before.revision));
  else batch.create(ref, accepted);
};

export const acceptedDesign = async (
  org: OrgId,
  service: string,
  kind: ArtifactKind,
): Promise<Stored<Design> | undefined> => parseOptional(design, await readDocument(designRef(org, service, kind)));
