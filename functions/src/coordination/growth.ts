// How a plan grows after a review that asks for changes. Pure.
//
// G1. Every artifact that a blocking finding names is reworked once, side by side with the others. A finding that names none of the
//     artifacts reviewed goes to the one most likely at fault.
// G2. What was built on a reworked artifact is reworked after it, with the new version as an input. What has not begun waits for the
//     new version instead.
// G3. Every review of something reworked looks again after the reworks, the objecting review last.
// G4. A review is followed by reworks `maxRounds` times at most, and only if the plan has room for all of them.
// G5. What is added has an id that nothing in the plan has, whatever the plan's author called things.
import type { SpecialistId } from '../agents/index.ts';
import type { ArtifactKind, ReviewFinding } from '../artifacts/index.ts';
import { reviewKinds } from '../artifacts/schemas.ts';
import { freeId, successorsOf } from './plan.ts';
import {
  maxAssignments,
  type Assignment,
  type AssignmentId,
  type AssignmentState,
  type Author,
  type PlannedAssignment,
} from './schemas.ts';
import { cutText } from '../platform/cut-text.ts';

export const maxRounds = 2;

/** What the growth is decided by. `startedAt` is null for a result that was taken over from another task. */
export type PlanRecord = Pick<
  Assignment,
  keyof PlannedAssignment | 'author' | 'round' | 'depth' | 'supersedes' | 'state' | 'result' | 'startedAt'
>;

export interface Objection {
  readonly review: PlanRecord;
  readonly findings: readonly ReviewFinding[];
  /** Who leads the task: a code review that names nothing is first of all of their work. */
  readonly primary?: SpecialistId | undefined;
}

export interface AddedAssignment extends PlannedAssignment {
  /** Null when it quotes somebody who is not on record. */
  readonly author: Author | null;
  readonly round: number;
  readonly depth: number;
  readonly supersedes: AssignmentId;
}

export interface Growth {
  /** Reworks, then reviews; the next round of the objecting review is the last. */
  readonly added: readonly AddedAssignment[];
  /** Assignments that have not begun, with the dependencies that they now have. */
  readonly rewired: readonly Pick<Assignment, 'id' | 'dependsOn'>[];
  /** The added assignment whose success ends the plan, if there is one. */
  readonly last: AssignmentId | undefined;
}

/** What the plan grows by because of the objection; undefined when nothing can be reworked, or no longer (G4). */
export const growthAfter = (objection: Objection, plan: readonly PlanRecord[]): Growth | undefined => {
  const { review } = objection;
  const versions = new Versions(plan);
  if (objectionsBefore(review, versions) >= maxRounds) return undefined;
  const targets = targetsOf(objection, versions);
  if (targets.length === 0) return undefined;
  const changed = changedBy(review, targets, versions);
  if (plan.length + changed.length > maxAssignments) return undefined;
  const named = new Set(targets.map(({ id }) => id));
  return grown({ review, changed, named, versions });
};

/** Which assignment replaces which. */
class Versions {
  readonly plan: readonly PlanRecord[];
  readonly standing: readonly PlanRecord[];
  readonly #byId: ReadonlyMap<AssignmentId, PlanRecord>;
  readonly #next: ReadonlyMap<AssignmentId, PlanRecord>;

  constructor(plan: readonly PlanRecord[]) {
    this.plan = plan;
    this.#byId = new Map(plan.map((each) => [each.id, each]));
    this.#next = new Map(plan.flatMap((each) => (each.supersedes === null ? [] : [[each.supersedes, each] as const])));
    this.standing = plan.filter(({ id }) => !this.#next.has(id));
  }

  isStanding(id: AssignmentId): boolean {
    return !this.#next.has(id);
  }

  /** The latest version of an assignment. */
  latest(id: AssignmentId): PlanRecord | undefined {
    const next = this.#next.get(id);
    return next ? this.latest(next.id) : this.#byId.get(id);
  }

  /** The assignment and those that it replaces, the latest first. */
  history(record: PlanRecord): PlanRecord[] {
    const before = record.supersedes === null ? undefined : this.#byId.get(record.supersedes);
    return before ? [record, ...this.history(before)] : [record];
  }
}

/** A fork counts anew: what its source had objected to is the reason why there is a fork. */
const objectionsBefore = (review: PlanRecord, versions: Versions): number =>
  versions
    .history(review)
    .filter(
      ({ id, result, startedAt }) => id !== review.id && startedAt !== null && result?.verdict === 'changes-needed',
    ).length;

const isMaker = ({ artifactKind }: PlanRecord): boolean => !reviewKinds.has(artifactKind);

/** G1. */
const targetsOf = ({ review, findings, primary }: Objection, versions: Versions): PlanRecord[] => {
  const inputs = review.dependsOn.flatMap((id) => versions.latest(id) ?? []);
  const makers = [...new Set(inputs)].filter(isMaker);
  const blocking = findings.filter(({ severity }) => severity === 'high' || severity === 'critical');
  const deciding = blocking.length > 0 ? blocking : findings;
  const named = deciding.map(({ artifact }) => namedBy(artifact, makers, versions));
  const isUnnamed = named.length === 0 || named.some((each) => each.length === 0);
  const guessed = isUnnamed ? mostLikelyAtFault(review, makers, primary) : undefined;
  return [...new Set([...named.flat(), ...(guessed ? [guessed] : [])])];
};

/** A reviewer names an artifact by its id, by that of an earlier version, or by its kind or title. */
const namedBy = (artifact: string | null, makers: readonly PlanRecord[], versions: Versions): PlanRecord[] => {
  if (artifact === null) return [];
  const name = artifact.trim().toLowerCase();
  const byId = makers.filter((maker) => versions.history(maker).some(({ id }) => id === name));
  if (byId.length > 0) return byId;
  const byKind = makers.filter(({ artifactKind }) => artifactKind === name);
  if (byKind.length > 0) return byKind;
  return makers.filter(({ result, title }) => [result?.title, title].some((each) => each?.toLowerCase() === name));
};

/** Which kind of artifact a review's findings are resolved in when they name none, most likely first. */
const remedies: Readonly<Partial<Record<ArtifactKind, readonly ArtifactKind[]>>> = {
  'code-review': ['typescript', 'security-rules', 'firestore-schema', 'llm-design', 'openapi'],
  'security-review': ['security-rules', 'typescript'],
  'performance-review': ['typescript', 'firestore-schema'],
};

const mostLikelyAtFault = (
  { artifactKind }: PlanRecord,
  makers: readonly PlanRecord[],
  primary: SpecialistId | undefined,
): PlanRecord | undefined => {
  const led = artifactKind === 'code-review' ? makers.filter(({ specialist }) => specialist === primary) : [];
  const candidates = led.length > 0 ? led : makers;
  const fitting = (remedies[artifactKind] ?? []).flatMap((kind) =>
    candidates.filter((each) => each.artifactKind === kind),
  );
  return fitting[0] ?? candidates[0];
};

/** Nobody works on it, and it has no result: it can be given other dependencies. */
const notBegun: ReadonlySet<AssignmentState> = new Set(['blocked', 'ready', 'paused']);

/** What is replaced by a new version: the targets, the objecting review, and all that stands on them (G2, G3). */
const changedBy = (review: PlanRecord, targets: readonly PlanRecord[], versions: Versions): PlanRecord[] => {
  const changed = new Set([...targets, ...(versions.isStanding(review.id) ? [review] : [])].map(({ id }) => id));
  const standsOnChange = ({ id, state, dependsOn }: PlanRecord) =>
    !changed.has(id) && !notBegun.has(state) && dependsOn.some((each) => changed.has(each));
  for (let found = versions.standing.filter(standsOnChange); found.length > 0;) {
    found.forEach(({ id }) => changed.add(id));
    found = versions.standing.filter(standsOnChange);
  }
  const records = versions.plan.filter(({ id }) => changed.has(id));
  const others = records.filter(({ id }) => id !== review.id);
  return [
    ...others.filter(isMaker),
    ...others.filter((each) => !isMaker(each)),
    ...records.filter(({ id }) => id === review.id),
  ];
};

interface Change {
  readonly review: PlanRecord;
  readonly changed: readonly PlanRecord[];
  /** Of those, what the findings name. */
  readonly named: ReadonlySet<AssignmentId>;
  readonly versions: Versions;
}

const grown = ({ review, changed, named, versions }: Change): Growth => {
  const ids = newIds(review, changed, versions.plan);
  const renewed = (id: AssignmentId) => ids.get(id) ?? id;
  const inputsOf = ({ dependsOn }: PlanRecord) =>
    dependsOn.filter((id) => versions.isStanding(id) && id !== review.id).map(renewed);
  const added = changed.map((before): AddedAssignment => {
    const earlier = before.state === 'succeeded' || before.id === review.id ? [before.id] : [];
    const shared = { ...plannedFields(before), id: renewed(before.id), supersedes: before.id };
    return isMaker(before)
      ? {
          ...shared,
          title: titled('Rework', before.title, review.title),
          author: authorOfBoth(before, review),
          instructions: named.has(before.id) ? resolveFindings : fitNewVersion,
          dependsOn: distinct([...earlier, review.id, ...inputsOf(before)]),
          round: 0,
          depth: Math.max(review.depth, before.depth),
        }
      : {
          ...shared,
          instructions: `${before.instructions.replace(againNote, '')} ${again}`.trim(),
          dependsOn: distinct([...inputsOf(before), ...earlier]),
          round: before.round + 1,
          depth: before.depth,
        };
  });
  const rewired = versions.standing
    .filter(
      ({ id, state, dependsOn }) => !ids.has(id) && notBegun.has(state) && dependsOn.some((each) => ids.has(each)),
    )
    .map(({ id, dependsOn }) => ({ id, dependsOn: distinct(dependsOn.map(renewed)) }));
  return { added, rewired, last: lastOf({ added, rewired }, versions, ids) };
};

/** The ids in their order, each once. */
export const distinct = (ids: readonly AssignmentId[]): AssignmentId[] => [...new Set(ids)];

const resolveFindings =
  'The review asks for changes. Deliver your artifact again with every finding on it resolved, and keep to the inputs that it builds on.';
const fitNewVersion =
  'Something that your artifact builds on was reworked. Deliver your artifact again so that it fits the new version; deliver it as it was if nothing in it has to change.';
const again = 'This is a review after a rework: judge whether the findings are resolved.';
const againNote = / ?This is a review after a rework: .*$/;

const titled = (verb: string, what: string, because: string): string =>
  cutText(`${verb}: ${what.replace(/^Rework: (.*) \(after: .*\)$/, '$1')} (after: ${because})`, 200);

/** A title that quotes others is theirs: it is the coordinator's own only if both are. */
const authorOfBoth = (one: PlanRecord, other: PlanRecord): Author | null =>
  one.author?.kind === 'coordinator' ? other.author : one.author;

const plannedFields = ({ specialist, title, instructions, author, artifactKind, timeoutSeconds }: PlanRecord) => ({
  specialist,
  title,
  instructions,
  author,
  artifactKind,
  ...(timeoutSeconds !== undefined && { timeoutSeconds }),
});

/** G5. */
const newIds = (
  review: PlanRecord,
  changed: readonly PlanRecord[],
  plan: readonly PlanRecord[],
): Map<AssignmentId, AssignmentId> => {
  const taken = new Set(plan.map(({ id }) => id));
  const ids = new Map<AssignmentId, AssignmentId>();
  for (const before of changed) {
    const id = isMaker(before)
      ? freeId(`${nameOf(review)}-rework`, review.round + 1, taken)
      : freeId(`${nameOf(before)}-round`, before.round + 2, taken);
    taken.add(id);
    ids.set(before.id, id);
  }
  return ids;
};

/** What all rounds of a review are named after: those after the first were given their names here. */
const nameOf = ({ id, round }: PlanRecord): string => (round === 0 ? id : id.replace(/-round-\d+$/, ''));

/**
 * The added assignment that nothing follows, if there is only one such end. An assignment that still runs although it is replaced may
 * finish later; the plan then ends with that one.
 */
const lastOf = (
  { added, rewired }: Pick<Growth, 'added' | 'rewired'>,
  { standing }: Versions,
  replaced: ReadonlyMap<AssignmentId, AssignmentId>,
): AssignmentId | undefined => {
  const moved = new Map(rewired.map((each) => [each.id, each]));
  const kept = standing.filter(({ id }) => !replaced.has(id)).map((each) => moved.get(each.id) ?? each);
  const current = [...kept, ...added];
  const successors = successorsOf(current);
  const [end, ...others] = current.filter(({ id }) => !successors.has(id));
  return end && others.length === 0 && added.some(({ id }) => id === end.id) ? end.id : undefined;
};
