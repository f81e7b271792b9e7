import { createHash } from 'node:crypto';
import { successOf, type TaskHistory } from '../history.ts';
import type { EventRecord } from '../records.ts';
import type { Violation } from '../violation.ts';

/** C2: one result per assignment, made by its last holder, and the artifact and notes are that result's. */
export const doubledResults = (history: TaskHistory): Violation[] => [
  ...history.assignments.flatMap(({ id }) => faultsOfStream(history, id)),
  ...history.artifacts.flatMap((artifact) => faultsOfArtifact(history, artifact)),
  ...history.notes.flatMap(({ assignment, epoch }) => faultsOfEpoch(history, assignment, `the notes`, epoch)),
];

const violation = ({ org, id }: TaskHistory, assignment: string, detail: string): Violation[] => [
  { invariant: 'C2', org, task: id, assignment, detail },
];

const faultsOfStream = (history: TaskHistory, assignment: string): Violation[] => {
  const events = history.streams.get(assignment) ?? [];
  const successes = events.filter(({ type }) => type === 'assignment.succeeded').length;
  const epochs = startsOf(events).map(({ data }) => data.epoch ?? 0);
  const hasArtifact = history.artifacts.some(({ id }) => id === assignment);
  return [
    ...(successes > 1 ? violation(history, assignment, `it succeeded ${successes} times`) : []),
    ...(successes > 0 && !hasArtifact ? violation(history, assignment, 'it succeeded without an artifact') : []),
    ...(epochs.every((epoch, index) => epoch > (epochs[index - 1] ?? 0))
      ? []
      : violation(history, assignment, `its epochs do not rise: ${epochs.join(', ')}`)),
  ];
};

const startsOf = (events: readonly EventRecord[]) => events.filter(({ type }) => type === 'assignment.started');

const faultsOfArtifact = (history: TaskHistory, artifact: TaskHistory['artifacts'][number]): Violation[] => {
  const sha256 = createHash('sha256').update(artifact.content).digest('hex');
  return [
    ...faultsOfEpoch(history, artifact.id, 'the artifact', artifact.epoch),
    ...(sha256 === artifact.sha256 ? [] : violation(history, artifact.id, 'the artifact is not what its hash names')),
  ];
};

/** Artifacts and notes come in the commit of the result, or in that of the request to approve it. */
const faultsOfEpoch = (history: TaskHistory, assignment: string, what: string, epoch: number): Violation[] => {
  const events = history.streams.get(assignment) ?? [];
  if (successOf(history, assignment)?.type === 'assignment.adopted') return [];
  const delivered = events.findLast(
    ({ type }) => type === 'assignment.succeeded' || type === 'assignment.approval_requested',
  );
  if (!delivered) return violation(history, assignment, `${what} has no result`);
  const holder = startsOf(events).findLast(({ seq }) => seq < delivered.seq)?.data.epoch;
  if (epoch === holder) return [];
  return violation(history, assignment, `${what} is of epoch ${epoch}, its result of epoch ${holder ?? 'none'}`);
};
