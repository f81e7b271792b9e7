import { jsonHash } from '../platform/hash.ts';
import { idHash, type ScopedKey } from '../platform/idempotency.ts';
import { taskId, type TaskId } from './schemas.ts';

/**
 * The id of a task follows from its org and idempotency key, so accepting the same request twice meets the same document
 * (C9). Without a key every submission is a task of its own.
 */
export const taskIdFor = (org: string, key: ScopedKey | undefined): TaskId => taskId.parse(`tsk_${idHash(org, key)}`);

/**
 * The key of a Pub/Sub producer; IAM trusts all of them alike. It stands alone, as it did when all channels shared one namespace, so that
 * a message which was first delivered then still meets its task.
 */
export const producerKey = (key: string): ScopedKey => [key];

/** A slot of a schedule, or a run that was asked for, makes one task. */
export const scheduledKey = (schedule: string, occasion: string): ScopedKey => ['schedule', schedule, occasion];

/** A dead letter makes one task, however often it is sent again. */
export const replayKey = (letter: string): ScopedKey => ['dead-letter', letter];

/** Fingerprint of a request: equal for equal content, whatever the order of its fields. */
export const requestHash = (request: unknown): string => jsonHash(canonical(request));

/** The value with the fields of its objects in order. */
export const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, canonical(field)]));
};
