// C4: each stream is gapless and ordered, and each record is what its events make.
import { foldAssignment } from '../fold-assignment.ts';
import { foldTask } from '../fold-task.ts';
import { folded } from '../fold.ts';
import { taskStream, type TaskHistory } from '../history.ts';
import type { AssignmentRecord, EventRecord } from '../records.ts';
import type { Violation } from '../violation.ts';

export const streamFaults = (history: TaskHistory): Violation[] => {
  const { assignments, streams } = history;
  const known = new Set([taskStream, ...assignments.map(({ id }) => id)]);
  return [
    ...[...streams].flatMap(([stream, events]) => faultsOfOrder(history, stream, events)),
    ...[...streams.keys()].filter((stream) => !known.has(stream)).flatMap((stream) => orphan(history, stream)),
    ...faultsOfTask(history),
    ...assignments.flatMap((each) => faultsOfAssignment(history, each)),
  ];
};

const violation = ({ org, id }: TaskHistory, stream: string, detail: string): Violation[] => [
  { invariant: 'C4', org, task: id, ...(stream === taskStream ? {} : { assignment: stream }), detail },
];

const orphan = (history: TaskHistory, stream: string) => violation(history, stream, 'it has events, but no record');

const faultsOfOrder = (history: TaskHistory, stream: string, events: readonly EventRecord[]): Violation[] => {
  const gap = events.findIndex(({ seq }, index) => seq !== index + 1);
  const late = events.find(({ recordedAt }, index) => recordedAt < (events[index - 1]?.recordedAt ?? 0));
  const lane = laneOf(history, stream);
  const astray = events.find((each) => lane !== undefined && each.lane !== lane);
  return [
    ...(gap < 0 ? [] : violation(history, stream, `event ${gap + 1} is missing or doubled`)),
    ...(late ? violation(history, stream, `event ${late.seq} was recorded before its predecessor`) : []),
    ...(astray
      ? violation(history, stream, `event ${astray.seq} has lane ${astray.lane} instead of ${lane ?? 'none'}`)
      : []),
  ];
};

const laneOf = ({ assignments }: TaskHistory, stream: string): number | undefined => {
  if (stream === taskStream) return 0;
  const ordinal = assignments.find(({ id }) => id === stream)?.ordinal;
  return ordinal === undefined ? undefined : ordinal + 1;
};

const faultsOfTask = (history: TaskHistory): Violation[] => {
  const { task, streams } = history;
  if (!task) return [];
  const { record, fault } = folded(foldTask, streams.get(taskStream) ?? []);
  const { state, seq, epoch, calls, lostCalls, failure } = task;
  const waits = task.waits.map(({ id, kind }) => ({ id, kind }));
  const stored = { state, seq, epoch, calls, lostCalls, failure, waits, plan: task.plan?.assignments ?? null };
  return (fault ? [fault] : differences(record, stored)).flatMap((each) => violation(history, taskStream, each));
};

const faultsOfAssignment = (history: TaskHistory, assignment: AssignmentRecord): Violation[] => {
  const { record, fault } = folded(foldAssignment, history.streams.get(assignment.id) ?? []);
  const { state, seq, epoch, calls, lostCalls, failure, dependsOn, successors } = assignment;
  const stored = { state, seq, epoch, calls, lostCalls, failure, dependsOn, successors };
  return (fault ? [fault] : differences(record, stored)).flatMap((each) => violation(history, assignment.id, each));
};

const differences = <S extends object>(made: { readonly [K in keyof S]: unknown } | undefined, stored: S): string[] => {
  if (!made) return ['it has a record, but no events'];
  return Object.entries(stored).flatMap(([name, value]) => {
    const [wanted, found] = [JSON.stringify(made[name as keyof S]), JSON.stringify(value)];
    return wanted === found ? [] : [`its events make ${name} ${wanted}, stored is ${found}`];
  });
};
