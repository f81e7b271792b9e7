// What a fork takes over from another task, pure: the records as they were at some event, and of these what had been achieved.
//
// K1. A result is taken over only if everything that it rests on is.
// K2. A review that asked for changes and was not followed by reworks is why the task failed. The fork begins with the reworks that it
//     asked for, its rounds counted anew; where nothing can be reworked, the review is done again.
import type { SpecialistId } from '../agents/index.ts';
import { evolveAssignment } from './assignment-state.ts';
import { growthAfter, type AddedAssignment, type Growth, type PlanRecord } from './growth.ts';
import { assignmentEventBody, type Assignment, type AssignmentId, type Event } from './schemas.ts';

/** The records that the events fold to, by ordinal. */
export const assignmentsAt = (events: readonly Event[]): Assignment[] => {
  const records = new Map<number, Assignment>();
  for (const { lane, type, data, at } of events) {
    if (lane === 0) continue;
    records.set(lane, evolveAssignment(records.get(lane), assignmentEventBody.parse({ type, data }), at));
  }
  return [...records.values()].sort((a, b) => a.ordinal - b.ordinal);
};

export interface ForkedPlan {
  /** The records with the dependencies that they have in the fork. */
  readonly records: readonly Assignment[];
  readonly achieved: ReadonlySet<AssignmentId>;
  readonly added: readonly AddedAssignment[];
  /** The added assignment whose success ends the plan, if there is one. */
  readonly last: AssignmentId | undefined;
}

/** What a fork of those records begins with (K1, K2). */
export const forkedPlan = (records: readonly Assignment[], primary: SpecialistId | undefined): ForkedPlan => {
  const done = achieved(records, new Set());
  const objections = records.filter((each) => done.has(each.id) && isUnfollowed(each, records));
  const hopeless = objections.filter((each) => !growthIn(planOf(records, done), each, primary));
  const taken = achieved(records, new Set(hopeless.map(({ id }) => id)));
  return objections
    .filter(({ id }) => taken.has(id))
    .reduce<ForkedPlan>((fork, review) => grownBy(fork, growthIn(planIn(fork), review, primary)), {
      records,
      achieved: taken,
      added: [],
      last: undefined,
    });
};

const isUnfollowed = ({ id, result }: Assignment, all: readonly Assignment[]): boolean =>
  result?.verdict === 'changes-needed' && !all.some(({ supersedes }) => supersedes === id);

/** The records as they begin in the fork. */
const planOf = (records: readonly Assignment[], taken: ReadonlySet<AssignmentId>): PlanRecord[] =>
  records.map((each) => ({
    ...each,
    startedAt: null,
    ...(taken.has(each.id) ? { state: 'succeeded' } : { state: 'blocked', result: null }),
  }));

const planIn = ({ records, achieved: taken, added }: ForkedPlan): PlanRecord[] => [
  ...planOf(records, taken),
  ...added.map((each) => ({ ...each, state: 'blocked' as const, result: null, startedAt: null })),
];

const growthIn = (plan: readonly PlanRecord[], { id, result }: Assignment, primary: SpecialistId | undefined) => {
  const review = plan.find((each) => each.id === id);
  return review && growthAfter({ review, findings: result?.findings ?? [], primary }, plan);
};

const grownBy = (fork: ForkedPlan, growth: Growth | undefined): ForkedPlan => {
  if (!growth) return fork;
  const moved = new Map(growth.rewired.map(({ id, dependsOn }) => [id, dependsOn]));
  const rewired = <R extends Pick<Assignment, 'id' | 'dependsOn'>>(each: R): R => ({
    ...each,
    dependsOn: moved.get(each.id) ?? each.dependsOn,
  });
  return {
    ...fork,
    records: fork.records.map(rewired),
    added: [...fork.added.map(rewired), ...growth.added],
    last: growth.last,
  };
};

/** The ids of the assignments whose results stand, but for those that are to be done again. */
const achieved = (records: readonly Assignment[], again: ReadonlySet<AssignmentId>): ReadonlySet<AssignmentId> => {
  const succeeded = records.filter(({ id, state }) => state === 'succeeded' && !again.has(id));
  const standing = new Map(succeeded.map((each) => [each.id, each]));
  for (let dropped = true; dropped;) {
    const hollow = [...standing.values()].filter(({ dependsOn }) => dependsOn.some((id) => !standing.has(id)));
    hollow.forEach(({ id }) => standing.delete(id));
    dropped = hollow.length > 0;
  }
  return new Set(standing.keys());
};
