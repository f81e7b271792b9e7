import { randomUUID } from 'node:crypto';
import { jsonHash } from '../platform/hash.ts';
import { taskId, type TaskId } from './schemas.ts';

/**
 * The id of a task follows from its org and idempotency key, so accepting the same request twice meets the same document
 * (C9). Without a key every submission is a task of its own.
 */
export const taskIdFor = (org: string, idempotencyKey: string | undefined): TaskId =>
  taskId.parse(`tsk_${jsonHash([org, idempotencyKey ?? randomUUID()]).slice(0, 20)}`);

/** Fingerprint of a request: equal for equal content, whatever the order of its fields. */
export const requestHash = (request: unknown): string => jsonHash(canonical(request));

/** The value with the fields of its objects in order. */
export const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, canonical(field)]));
};
