// C5: all that is free to start is started, and nothing before what it builds on counts, or while its task is paused.
import { foldAssignment, type FoldedAssignment } from '../fold-assignment.ts';
import { endOf, isTaskOver, successOf, taskStream, type TaskHistory } from '../history.ts';
import type { AssignmentRecord, EventRecord } from '../records.ts';
import type { Violation } from '../violation.ts';

export const sendingFaults = (history: TaskHistory): Violation[] => [
  ...missingRecords(history),
  ...history.assignments.flatMap((each) => [
    ...forgotten(history, each),
    ...premature(history, each),
    ...unwanted(history, each),
  ]),
];

const violation = ({ org, id }: TaskHistory, assignment: string, detail: string): Violation[] => [
  { invariant: 'C5', org, task: id, assignment, detail },
];

const missingRecords = (history: TaskHistory): Violation[] => {
  const recorded = new Set(history.assignments.map(({ id }) => id));
  const planned = history.task?.plan?.assignments ?? [];
  return planned
    .filter((id) => !recorded.has(id))
    .flatMap((id) => violation(history, id, 'it is planned, but not there'));
};

/** Free to start and never started: what a failed, cancelled or paused task did not get to is not forgotten. */
const forgotten = (history: TaskHistory, { id, dependsOn, state }: AssignmentRecord): Violation[] => {
  const free = dependsOn.every((each) => successOf(history, each));
  const begun = history.streams
    .get(id)
    ?.some(({ type }) => type === 'assignment.started' || type === 'assignment.adopted');
  const stopped = !history.task || history.task.state === 'paused' || (isTaskOver(history.task) && !completed(history));
  return free && begun !== true && !stopped && state !== 'paused'
    ? violation(history, id, `its predecessors have succeeded, and it is ${state}`)
    : [];
};

const completed = (history: TaskHistory) => endOf(history)?.type === 'task.completed';

const premature = (history: TaskHistory, { id }: AssignmentRecord): Violation[] => {
  const events = history.streams.get(id) ?? [];
  return startsWithDependencies(events).flatMap(({ event, dependsOn }) => {
    const waited = dependsOn.find((each) => !((successOf(history, each)?.recordedAt ?? Infinity) <= event.recordedAt));
    return waited === undefined ? [] : violation(history, id, `it was started before ${waited} had succeeded`);
  });
};

/** Begun between the commit that paused the task and the next that resumed or ended it. Another try of what ran before is not begun. */
const unwanted = (history: TaskHistory, { id }: AssignmentRecord): Violation[] => {
  const first = history.streams.get(id)?.find(({ type }) => type === 'assignment.started');
  const own = history.streams.get(taskStream) ?? [];
  const before = first && own.findLast(({ type, recordedAt }) => holds.has(type) && recordedAt < first.recordedAt);
  return before?.type === 'task.paused' ? violation(history, id, 'it was started while its task was paused') : [];
};

const holds: ReadonlySet<string> = new Set([
  ...['task.paused', 'task.resumed'],
  ...['task.completed', 'task.failed', 'task.canceled', 'task.rejected'],
]);

/** Each start, with what the assignment depended on at that moment. Stops where the events make no sense: C4 says so. */
const startsWithDependencies = (events: readonly EventRecord[]) => {
  const starts: { event: EventRecord; dependsOn: readonly string[] }[] = [];
  let before: FoldedAssignment | undefined;
  for (const event of events) {
    if (event.type === 'assignment.started' && before) starts.push({ event, dependsOn: before.dependsOn });
    try {
      before = foldAssignment(before, event);
    } catch {
      break;
    }
  }
  return starts;
};
