// Dead letters: kept from the topics, listed, and sent again, as they were or corrected.
import { z } from 'zod';
import { cutText } from '../platform/cut-text.ts';
import { AppError, isError } from '../platform/errors.ts';
import type { PoisonMessage } from '../platform/events.ts';
import { databaseTime, storeErrors } from '../platform/firestore.ts';
import { publishOwn, publishText } from '../platform/pubsub.ts';
import { jsonOrUndefined } from '../platform/json.ts';
import type { PageRequest } from '../platform/page.firestore.ts';
import { orgId, unroutedOrg, type OrgId } from '../platform/schemas.ts';
import { withStorableNames } from '../platform/storable.ts';
import {
  createDeadLetter,
  deadLetterIdFor,
  findDeadLetter,
  markDiscarded,
  markReplayed,
  pageOfDeadLetters,
} from './dead-letters.firestore.ts';
import { coordinationErrors } from './errors.ts';
import { retryTask } from './fork-task.ts';
import { replayKey } from './ids.ts';
import { intakeTopic, replayedLetterAttribute, taskId, type DeadLetter, type Submitter } from './schemas.ts';

/** Where work is kept that failed whatever was done about it: not a topic, but a task to try again. */
export const poisonSource = coordinationErrors.poison.code;

/** A dead letter is one document, of at most 1 MiB; a larger payload is cut, and the reason says so. */
const maxPayloadBytes = 700_000;
/** A message of megabytes may be wrong in as many places: these are enough to see how. */
const maxErrors = 100;
const maxErrorLength = 200;

export const keepDeadLetter = async (poison: PoisonMessage): Promise<void> => {
  const { source, messageId, payload, attributes } = poison;
  const bytes = Buffer.from(payload);
  const storable = withStorableNames(attributes);
  const leftOut = Object.keys(attributes).length - Object.keys(storable).length;
  const letter: DeadLetter = {
    id: deadLetterIdFor(source, messageId),
    org: orgOf(poison),
    source,
    messageId,
    payload: bytes.subarray(0, maxPayloadBytes).toString(),
    attributes: storable,
    reason: reasonWithin(poison.reason, [
      ...(bytes.length > maxPayloadBytes ? [`The payload was cut from ${bytes.length} bytes.`] : []),
      ...(leftOut > 0 ? [`Attributes with names that cannot be stored were left out: ${leftOut}.`] : []),
    ]),
    state: 'kept',
    receivedAt: databaseTime(),
    replayedAt: null,
    discardedAt: null,
  };
  try {
    await createDeadLetter(letter);
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
  }
};

/** Says what was cut, of the rest of the letter too. */
const reasonWithin = (
  { code, detail, errors }: PoisonMessage['reason'],
  cuts: readonly string[],
): DeadLetter['reason'] => ({
  code,
  detail: [
    detail,
    ...cuts.map((cut) => `(${cut})`),
    ...(errors.length > maxErrors ? [`(These are ${maxErrors} of ${errors.length} errors.)`] : []),
  ].join(' '),
  errors: errors.slice(0, maxErrors).map((error) => ({
    pointer: cutText(error.pointer, maxErrorLength),
    detail: cutText(error.detail, maxErrorLength),
  })),
});

/** On the service's own topics, only what the service said is believed to be about the org that it names. */
const orgOf = ({ source, attributes, payload, isOurs }: PoisonMessage): OrgId => {
  if (source !== intakeTopic && !isOurs) return unroutedOrg;
  const named = orgId.safeParse(attributes['org'] ?? orgInJson(payload));
  return named.success ? named.data : unroutedOrg;
};

const orgInJson = (payload: string): unknown => {
  const value = jsonOrUndefined(payload);
  return typeof value === 'object' && value !== null && 'org' in value ? value.org : undefined;
};

export const listDeadLetters = async (
  org: OrgId,
  page: PageRequest,
): Promise<{ deadLetters: DeadLetter[]; nextPageToken?: string }> => {
  const { records: deadLetters, ...next } = await pageOfDeadLetters(org, page);
  return { deadLetters, ...next };
};

/** Throws `coordination.dead_letter_not_found`. */
export const getDeadLetter = async (org: OrgId, id: string): Promise<DeadLetter> => (await found(org, id)).value;

const found = async (org: OrgId, id: string) => {
  const stored = await findDeadLetter(org, id);
  if (!stored) throw new AppError(coordinationErrors.deadLetterNotFound);
  return stored;
};

/**
 * Sends a dead letter to its topic again. Its id is the idempotency key, so that replaying twice makes one task; work that failed
 * whatever was done is tried again as a new task of `by`. What others publish may be corrected: `payload` is sent instead of its own
 * when given. A message of the service's own is sent as it was: its reader judges whether the service said it. Throws
 * `coordination.dead_letter_not_found`, `coordination.dead_letter_unreadable` when it is not JSON and no payload is given,
 * `coordination.dead_letter_fixed` when a payload is given for a message of our own, `coordination.dead_letter_foreign` when the
 * payload names another org, what `retryTask` throws, and `store.conflict` when somebody else is at it.
 */
export const replayDeadLetter = async (
  org: OrgId,
  id: string,
  { payload, by, now }: { payload?: unknown; by: Submitter; now: Date },
): Promise<DeadLetter> => {
  const stored = await found(org, id);
  const { source } = stored.value;
  if (source !== intakeTopic && payload !== undefined) throw new AppError(coordinationErrors.deadLetterFixed);
  if (source === poisonSource) await retryPoison(stored.value, by, now);
  else if (source === intakeTopic) await sendSubmission(stored.value, payload);
  else await sendAsItWas(stored.value);
  await markReplayed(org, stored, now);
  return { ...stored.value, state: 'replayed', replayedAt: now };
};

const sendAsItWas = async ({ source, payload, attributes }: DeadLetter): Promise<void> => {
  if (jsonOrUndefined(payload) === undefined) throw new AppError(coordinationErrors.deadLetterUnreadable);
  await publishText(source, payload, attributes);
};

const sendSubmission = async ({ org, id, source, ...letter }: DeadLetter, payload: unknown): Promise<void> => {
  const json = payload ?? jsonOrUndefined(letter.payload);
  if (json === undefined) {
    throw new AppError(coordinationErrors.deadLetterUnreadable, {
      errors: [{ pointer: '#/payload', detail: 'is needed: the message itself is not JSON' }],
    });
  }
  if (org !== unroutedOrg && orgInJson(JSON.stringify(json)) !== org) {
    throw new AppError(coordinationErrors.deadLetterForeign, {
      errors: [{ pointer: '#/payload/org', detail: `must be "${org}"` }],
    });
  }
  await publishOwn(source, json, { ...letter.attributes, [replayedLetterAttribute]: id });
};

/** Work that failed whatever was done: its task is tried again from where it failed. */
const retryPoison = async ({ org, id, payload }: DeadLetter, submittedBy: Submitter, now: Date): Promise<void> => {
  const { task: source } = poisoned.parse(jsonOrUndefined(payload));
  await retryTask({ org, source, key: replayKey(id), submittedBy, now });
};

const poisoned = z.object({ task: taskId });

/** Puts a dead letter aside for good; it stays readable. Doing it twice is harmless. Throws `coordination.dead_letter_not_found`. */
export const discardDeadLetter = async (org: OrgId, id: string, now: Date): Promise<DeadLetter> => {
  const stored = await found(org, id);
  if (stored.value.state === 'discarded') return stored.value;
  await markDiscarded(org, stored, now);
  return { ...stored.value, state: 'discarded', discardedAt: now };
};
