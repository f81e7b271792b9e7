// What the designs of a finished task mean for others: which endpoints there are, what breaks, and whether the data is safe.
import { breakingChanges, detectInDelivery, type Designs } from '../governance/index.ts';
import type { EscalationDraft, OrgPolicy } from '../governance/schemas.ts';
import { acceptedDesign } from './designs.firestore.ts';
import { readDesign } from './designs.ts';
import type { Artifact, Task } from './schemas.ts';

export interface DesignNews {
  readonly endpoints: readonly string[];
  /** Changes that callers of the contract accepted before must follow. */
  readonly breaking: readonly string[];
  /** False when there was no contract to compare with. */
  readonly compared: boolean;
  readonly alarms: readonly EscalationDraft[];
}

/** Reads the contract accepted before, if the task names its service and made a new one. */
export const newsOf = async (
  { org, submission }: Task,
  artifacts: readonly Artifact[],
  policy: OrgPolicy,
): Promise<DesignNews> => {
  const designs = await Promise.all(artifacts.map(({ kind, content }) => readDesign(kind, content)));
  const current = designs.reduce<Designs>((all, each) => ({ ...all, ...each }), {});
  const { service } = submission;
  const before = service && current.openapi ? await acceptedDesign(org, service, 'openapi') : undefined;
  const previous = before ? await readDesign('openapi', before.content) : {};
  return {
    endpoints: endpointsIn(current.openapi),
    breaking: before
      ? breakingChanges(previous.openapi, current.openapi).map(({ kind, at }) => `${kind} at ${at}`)
      : [],
    compared: before !== undefined,
    alarms: artifacts
      .filter(({ kind }) => kind === 'firestore-schema')
      .flatMap((artifact) => unsafe(artifact, current, policy)),
  };
};

const unsafe = ({ org, task, id, kind, content }: Artifact, current: Designs, policy: OrgPolicy): EscalationDraft[] =>
  detectInDelivery({ org, task, assignment: id, kind, content, previous: {}, current, policy });

const endpointsIn = (openapi: unknown): string[] => {
  const paths = typeof openapi === 'object' && openapi !== null && 'paths' in openapi ? openapi.paths : undefined;
  return typeof paths === 'object' && paths !== null ? Object.keys(paths) : [];
};
