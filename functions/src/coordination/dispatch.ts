// Sends assignments to their priority's topic. What must be sent is said by committed state alone (C5): an assignment that is
// `ready`, or `blocked` with every predecessor succeeded. Sending twice is harmless: the claim is a conditional write.
import { coalesced } from '../platform/coalesced.ts';
import type { Stored } from '../platform/firestore.ts';
import { publishOwn } from '../platform/pubsub.ts';
import { directiveFor, inputFrom, topicOf } from './directive.ts';
import type { Artifact, Assignment, AssignmentId, Task } from './schemas.ts';
import { assignmentsById, hasUnfinishedPredecessor } from './task-store.firestore.ts';

/**
 * Publishes the directive of an assignment whose predecessors have all succeeded. What they made and the sender has at hand goes
 * with it; the runner reads the rest.
 */
export const dispatch = async (stored: Stored<Assignment>, atHand: readonly Artifact[] = []): Promise<void> => {
  const { org, task, id, dependsOn, priority } = stored.value;
  const inputs = atHand.filter((artifact) => dependsOn.includes(artifact.id)).map(inputFrom);
  await publishOwn(topicOf(priority), directiveFor(stored, inputs), { org, task, assignment: id });
};

/** Sends what was put back for another try by somebody who may have died before it was sent. */
export const dispatchIfReady = async ({ state }: Pick<Task, 'state'>, stored: Stored<Assignment>): Promise<void> => {
  if (state !== 'paused' && stored.value.state === 'ready' && stored.value.retryAt === null) await dispatch(stored);
};

/**
 * Sends the successors for which `done` was the last predecessor to succeed. Predecessors that finish together share a look at their
 * successor in each instance; more than one instance may see it free and send it.
 */
export const dispatchSuccessors = async (done: Assignment, made: readonly Artifact[]): Promise<void> => {
  const { org, task, successors } = done;
  const look = (successor: AssignmentId) =>
    shared(`${org}/${task}/${successor}`, () => dispatchIfFree(done, successor, made));
  await Promise.all(successors.map(look));
};

const shared = coalesced<unknown>();

const dispatchIfFree = async (done: Assignment, successor: AssignmentId, made: readonly Artifact[]): Promise<void> => {
  if (await hasUnfinishedPredecessor(done.org, done.task, successor)) return;
  const [stored] = await assignmentsById(done.org, done.task, [successor]);
  if (stored?.value.state !== 'blocked' || wasJustSent(stored)) return;
  if (await hasMoreToWaitFor(stored)) return;
  await dispatch(stored, made);
  noteSent(stored);
};

/** C5: what it waits for may have grown between the two reads, in the commit that changed its record; that of a new one has not. */
const hasMoreToWaitFor = async ({ value: { org, task, id, seq } }: Stored<Assignment>): Promise<boolean> =>
  seq > 1 && (await hasUnfinishedPredecessor(org, task, id));

/** What this instance has sent lately, by record and revision, oldest first: predecessors that finish together send it once. */
const sent = new Map<string, number>();
const togetherMs = 5_000;
const maxSent = 1_000;

const keyOf = ({ value: { org, task, id }, revision }: Stored<Assignment>) => `${org}/${task}/${id}@${revision}`;

const wasJustSent = (stored: Stored<Assignment>): boolean =>
  Date.now() - (sent.get(keyOf(stored)) ?? Number.NEGATIVE_INFINITY) < togetherMs;

const noteSent = (stored: Stored<Assignment>): void => {
  sent.set(keyOf(stored), Date.now());
  const [oldest] = sent.keys();
  if (sent.size > maxSent && oldest !== undefined) sent.delete(oldest);
};
