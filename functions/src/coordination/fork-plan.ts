// What a fork takes over from another task, pure: the records as they were at some event, and of these what had been achieved.
//
// K1. A result is taken over only if everything that it rests on is.
// K2. A review that asked for changes and was not followed by another round is done again: it is why the task failed.
import { evolveAssignment } from './assignment-state.ts';
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

/** The ids of the assignments whose results stand. */
export const achieved = (records: readonly Assignment[]): ReadonlySet<AssignmentId> => {
  const standing = new Map(records.filter((each) => isAchieved(each, records)).map((each) => [each.id, each]));
  for (let dropped = true; dropped;) {
    const hollow = [...standing.values()].filter(({ dependsOn }) => dependsOn.some((id) => !standing.has(id)));
    hollow.forEach(({ id }) => standing.delete(id));
    dropped = hollow.length > 0;
  }
  return new Set(standing.keys());
};

const isAchieved = (record: Assignment, all: readonly Assignment[]): boolean =>
  record.state === 'succeeded' && (record.result?.verdict !== 'changes-needed' || isFollowed(record, all));

const isFollowed = ({ id }: Assignment, all: readonly Assignment[]): boolean =>
  all.some(({ supersedes }) => supersedes === id);
