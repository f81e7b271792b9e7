import { createHash } from 'node:crypto';
import { successOf, type TaskHistory } from '../history.ts';
import type { EventRecord } from '../records.ts';
import type { Violation } from '../violation.ts';

/** C2: one result per assignment, made by its last holder; the artifact is that result's, and notes are of results. */
export const doubledResults = (history: TaskHistory): Violation[] => [
  ...history.assignments.flatMap(({ id }) => faultsOfStream(history, id)),
  ...history.artifacts.flatMap((artifact) => faultsOfArtifact(history, artifact)),
  ...history.notes.flatMap(({ assignment, epoch }) =>
    faultsOfEpoch(history, { assignment, epoch, what: 'the notes' }, deliveredIn(history, assignment)),
  ),
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
  const { id, epoch } = artifact;
  const sha256 = createHash('sha256').update(artifact.content).digest('hex');
  return [
    ...faultsOfEpoch(history, { assignment: id, epoch, what: 'the artifact' }, deliveredIn(history, id).slice(-1)),
    ...(sha256 === artifact.sha256 ? [] : violation(history, artifact.id, 'the artifact is not what its hash names')),
  ];
};

/**
 * The epochs in which there was a result, in their order. Artifacts and notes come in the commit of the result, or in that of the request
 * to approve it; after a refusal the next artifact replaces the one before, and the next notes follow those before.
 */
const deliveredIn = (history: TaskHistory, assignment: string): (number | undefined)[] => {
  const events = history.streams.get(assignment) ?? [];
  return events
    .filter(({ type }) => type === 'assignment.succeeded' || type === 'assignment.approval_requested')
    .map((delivered) => startsOf(events).findLast(({ seq }) => seq < delivered.seq)?.data.epoch);
};

const faultsOfEpoch = (
  history: TaskHistory,
  { assignment, epoch, what }: { assignment: string; epoch: number; what: string },
  delivered: readonly (number | undefined)[],
): Violation[] => {
  if (delivered.includes(epoch) || successOf(history, assignment)?.type === 'assignment.adopted') return [];
  if (delivered.length === 0) return violation(history, assignment, `${what} has no result`);
  const holder = delivered.at(-1) ?? 'none';
  return violation(history, assignment, `${what} is of epoch ${epoch}, its result of epoch ${holder}`);
};
