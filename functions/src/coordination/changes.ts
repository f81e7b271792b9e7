// A change is decided in memory, as events, and then written: the record that the events fold to, and the events, go into one
// commit. Nothing here does I/O.
import { evolveAssignment } from './assignment-state.ts';
import { evolveTask } from './task-state.ts';
import { taskStream, type Assignment, type AssignmentEventBody, type Task, type TaskEventBody } from './schemas.ts';
import type { Revision, Stored } from '../platform/firestore.ts';

/** Events appended to one stream, and the record before and after them. `revision` is null for a new record. */
export interface StreamChange<R, E> {
  readonly stream: string;
  /** Position in a cursor: 0 for the task, ordinal + 1 for an assignment. */
  readonly lane: number;
  readonly revision: Revision | null;
  readonly before: R | undefined;
  readonly after: R;
  readonly events: readonly E[];
  readonly at: Date;
}

export type TaskChange = StreamChange<Task, TaskEventBody>;
export type AssignmentChange = StreamChange<Assignment, AssignmentEventBody>;

const fold = <R, E>(
  evolve: (record: R | undefined, event: E, at: Date) => R,
  from: R | undefined,
  events: readonly E[],
  at: Date,
): R => {
  const after = events.reduce<R | undefined>((record, event) => evolve(record, event, at), from);
  if (after === undefined) throw new Error('A change needs at least one event.');
  return after;
};

export const taskChange = (
  before: Stored<Task> | undefined,
  events: readonly TaskEventBody[],
  at: Date,
): TaskChange => ({
  stream: taskStream,
  lane: 0,
  revision: before?.revision ?? null,
  before: before?.value,
  after: fold(evolveTask, before?.value, events, at),
  events,
  at,
});

export const assignmentChange = (
  before: Stored<Assignment> | undefined,
  events: readonly AssignmentEventBody[],
  at: Date,
): AssignmentChange => {
  const after = fold(evolveAssignment, before?.value, events, at);
  return {
    stream: after.id,
    lane: after.ordinal + 1,
    revision: before?.revision ?? null,
    before: before?.value,
    after,
    events,
    at,
  };
};

/** The change with one more event at its end. */
export const followedBy = (change: AssignmentChange, event: AssignmentEventBody): AssignmentChange => ({
  ...change,
  after: evolveAssignment(change.after, event, change.at),
  events: [...change.events, event],
});

/** The fields of `after` that differ from `before`: what an update must write. */
export const changedFields = <R extends object>(before: R, after: R): Record<string, unknown> =>
  Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name as keyof R] !== value));
