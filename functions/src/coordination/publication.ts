// What a task is about to publish, judged by what its service has accepted by then. Each design was judged when it was delivered; since
// then another task may have been faster, or the design was made for a task that is tried again now.
//
// U1. Nothing is published that breaks what its service has accepted last, unless that was approved: at delivery or, when another
//     design has been accepted since, now. Nor is data without its safeguards, unless that was approved.
// U2. An approval is of what was seen, next to one design before: when yet another is accepted while it is waited for, it is asked for
//     again.
import { z } from 'zod';
import type { ArtifactKind } from '../artifacts/index.ts';
import { approvalsOfTask, newApproval, outcomeOf, requestApproval, type ApprovalDraft } from '../governance/index.ts';
import type { ApprovalOutcome, OrgPolicy } from '../governance/schemas.ts';
import type { Batch, Stored } from '../platform/firestore.ts';
import { jsonOrUndefined } from '../platform/json.ts';
import { approvalWait, decideBy, reasonOf } from './asking.ts';
import { acceptDesign, acceptedDesign, designKinds, isServiceKnown, type Design } from './designs.firestore.ts';
import { judgeAgain, type Judged } from './judge-delivery.ts';
import type { Artifact, Assignment, Task, Wait } from './schemas.ts';
import { serviceNameFrom } from './services.ts';
import { standing } from './standing.ts';
import { submitterOf } from './submitter.ts';
import { artifactsById } from './task-store.firestore.ts';

type Accepted = ReadonlyMap<ArtifactKind, Stored<Design>>;

export interface Publication extends Judged {
  /** The service that the designs are accepted for; undefined when the task has none. */
  readonly service: string | undefined;
  /** The designs, by ordinal. */
  readonly artifacts: readonly Artifact[];
  /** What the checks read off them, by artifact. */
  readonly metrics: ReadonlyMap<string, Design['metrics']>;
  /** What the service has accepted last, of their kinds. */
  readonly accepted: Accepted;
}

/** Reads the designs of a task whose work is done, and, if it names its service, what they would replace. */
export const publicationOf = async (task: Task, assignments: readonly Assignment[]): Promise<Publication> => {
  const { org, id } = task;
  const designs = standing(assignments).filter(({ artifactKind }) => designKinds.has(artifactKind));
  const artifacts = await artifactsById(
    org,
    id,
    designs.map((each) => each.id),
  );
  const known = task.submission.service ?? task.analysis?.service;
  const accepted: Accepted = known ? await acceptedOf(org, known, artifacts) : new Map();
  const comparedWith = new Map(designs.map((each) => [each.id, each.result?.comparedWith]));
  const judged = await Promise.all(
    artifacts.map(async (artifact) => {
      const before = accepted.get(artifact.kind)?.value;
      return before && before.task !== comparedWith.get(artifact.id) ? judgeAgain(artifact, before) : nothing;
    }),
  );
  return {
    service: known ?? (await newServiceOf(org, artifacts)),
    artifacts,
    metrics: new Map(designs.map(({ id: each, result }) => [each, result?.metrics ?? {}])),
    accepted,
    above: judged.flatMap(({ above }) => above),
    alarms: judged.flatMap(({ alarms }) => alarms),
  };
};

/** A new service is called what its boundaries call it, unless the org has another of that name. */
const newServiceOf = async (org: Task['org'], artifacts: readonly Artifact[]): Promise<string | undefined> => {
  const boundaries = artifacts.findLast(({ kind }) => kind === 'service-boundaries');
  const named = boundaries && withName.safeParse(jsonOrUndefined(boundaries.content));
  const name = named?.success ? serviceNameFrom(named.data.service.name) : undefined;
  return name === undefined || (await isServiceKnown(org, name)) ? undefined : name;
};

const withName = z.object({ service: z.object({ name: z.string() }) });

const nothing: Judged = { above: [], alarms: [] };

const acceptedOf = async (org: Task['org'], service: string, artifacts: readonly Artifact[]): Promise<Accepted> => {
  const kinds = [...new Set(artifacts.map(({ kind }) => kind))];
  const found = await Promise.all(kinds.map((kind) => acceptedDesign(org, service, kind)));
  return new Map(found.flatMap((design) => (design ? [[design.value.kind, design]] : [])));
};

/** Puts the designs into the commit that completes their task, if they are of a service; of several of a kind the last. */
export const publish = (batch: Batch, { service, artifacts, metrics, accepted }: Publication, at: Date): void => {
  if (service === undefined) return;
  const last = new Map(artifacts.map((artifact) => [artifact.kind, artifact]));
  for (const [kind, artifact] of last) {
    const acceptance = { service, metrics: metrics.get(artifact.id) ?? {}, before: accepted.get(kind), at };
    acceptDesign(batch, artifact, acceptance);
  }
};

/** U2: names what it would replace, and what is wrong with that. */
const requestFor = (task: Task, { above, accepted }: Publication, policy: OrgPolicy, now: Date): ApprovalDraft => ({
  org: task.org,
  key: JSON.stringify([
    ...['publication', task.id],
    [...accepted.values()].map(({ value }) => [value.kind, value.task]),
    above.map(({ why }) => why),
  ]),
  task: task.id,
  subject: { kind: 'publication', decisions: [...above] },
  reason: reasonOf(above),
  requestedBy: { kind: 'agent', id: 'backend-coordinator' },
  submittedBy: submitterOf(task),
  policy: policy.approvals,
  deadlineAt: decideBy(task, policy.approvals, now),
});

export interface Asking {
  /** What was decided before; undefined when nobody has been asked. */
  readonly outcome: ApprovalOutcome | undefined;
  readonly wait: Wait;
  readonly ask: (batch: Batch) => void;
}

/** How the publication stands with whoever must approve it. Undefined when nobody must. */
export const askingFor = async (
  task: Task,
  publication: Publication,
  policy: OrgPolicy,
  now: Date,
): Promise<Asking | undefined> => {
  if (publication.above.length === 0) return undefined;
  const draft = requestFor(task, publication, policy, now);
  const approval = newApproval(draft, now);
  const asked = (await approvalsOfTask(task.org, task.id)).find(({ id }) => id === approval.id);
  return {
    outcome: asked && outcomeOf(asked),
    wait: approvalWait(approval, null),
    ask: (batch) => requestApproval(batch, draft, now),
  };
};
