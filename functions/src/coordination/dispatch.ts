// Sends assignments to their priority's topic. What must be sent is said by committed state alone (C5): an assignment that is
// `ready`, or `blocked` with every predecessor succeeded. Sending twice is harmless: the claim is a conditional write.
import type { Stored } from '../platform/firestore.ts';
import { publish } from '../platform/pubsub.ts';
import { directiveFor, inputFrom, topicOf } from './directive.ts';
import type { Artifact, Assignment, AssignmentId } from './schemas.ts';
import { artifactsById, assignmentsById, hasUnfinishedPredecessor } from './task-store.firestore.ts';

/** Publishes the directive of an assignment whose predecessors have all succeeded; `known` saves reading what the caller has. */
export const dispatch = async (stored: Stored<Assignment>, known: readonly Artifact[] = []): Promise<void> => {
  const { org, task, dependsOn, priority } = stored.value;
  const missing = dependsOn.filter((id) => !known.some((artifact) => artifact.id === id));
  const artifacts = [...known, ...(await artifactsById(org, task, missing))];
  const inputs = dependsOn.flatMap((id) => artifacts.filter((artifact) => artifact.id === id)).map(inputFrom);
  const directive = directiveFor(stored, inputs);
  await publish(topicOf(priority), directive, { org, task, assignment: stored.value.id });
};

/**
 * Sends the successors for which `done` was the last predecessor to succeed. Two predecessors that finish together may both see
 * the successor free and send it twice.
 */
export const dispatchSuccessors = async (done: Assignment, made: readonly Artifact[]): Promise<void> => {
  await Promise.all(done.successors.map((successor) => dispatchIfFree(done, successor, made)));
};

const dispatchIfFree = async (done: Assignment, successor: AssignmentId, made: readonly Artifact[]): Promise<void> => {
  if (await hasUnfinishedPredecessor(done.org, done.task, successor)) return;
  const [stored] = await assignmentsById(done.org, done.task, [successor]);
  if (stored?.value.state === 'blocked') {
    await dispatch(
      stored,
      made.filter((artifact) => stored.value.dependsOn.includes(artifact.id)),
    );
  }
};
