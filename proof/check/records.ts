// What the checker reads of the stored documents. Its own schemas, on purpose: an error in the engine's must not blind the checker.
import { z } from 'zod';

const hasToMillis = (value: unknown): value is { toMillis(): number } =>
  typeof value === 'object' && value !== null && 'toMillis' in value && typeof value.toMillis === 'function';

/** A Firestore Timestamp or a Date, as milliseconds since the epoch. */
const time = z.preprocess((value) => {
  if (value instanceof Date) return value.getTime();
  return hasToMillis(value) ? value.toMillis() : value;
}, z.number());

const counter = z.int().nonnegative();

export const call = z.object({
  provider: z.string(),
  providerRequestId: z.string().nullable(),
  startedAt: time,
  latencyMs: counter,
});
export type Call = z.infer<typeof call>;

const failure = z.object({ code: z.string(), detail: z.string() });
export type Failure = z.infer<typeof failure>;

export const taskRecord = z.object({
  id: z.string(),
  org: z.string(),
  submission: z.object({ title: z.string() }),
  requestHash: z.string(),
  state: z.string(),
  seq: counter,
  epoch: counter,
  plan: z.object({ assignments: z.array(z.string()) }).nullable(),
  lostCalls: counter,
  failure: failure.nullable(),
  waits: z.array(
    z.object({ id: z.string(), kind: z.string(), party: z.string(), deadlineAt: time, onSilence: z.string() }),
  ),
  calls: z.array(call),
  deadlineAt: time,
  wakeAt: time.nullable(),
});
export type TaskRecord = z.infer<typeof taskRecord>;

export const assignmentRecord = z.object({
  id: z.string(),
  org: z.string(),
  task: z.string(),
  ordinal: counter,
  dependsOn: z.array(z.string()),
  successors: z.array(z.string()),
  state: z.string(),
  seq: counter,
  epoch: counter,
  failure: failure.nullable(),
  lostCalls: counter,
  calls: z.array(call),
});
export type AssignmentRecord = z.infer<typeof assignmentRecord>;

export const eventRecord = z.object({
  org: z.string(),
  task: z.string(),
  stream: z.string(),
  lane: counter,
  seq: z.int().positive(),
  type: z.string(),
  data: z.object({
    calls: z.array(call).default([]),
    epoch: counter.optional(),
    /** Of an external agent; a run of the service has none. */
    leaseUntil: time.nullish(),
    dependsOn: z.array(z.string()).optional(),
    successors: z.array(z.string()).optional(),
    assignments: z.array(z.string()).optional(),
    failure: failure.optional(),
    wait: z.object({ id: z.string(), kind: z.string() }).optional(),
    id: z.string().optional(),
  }),
  recordedAt: time,
});
export type EventRecord = z.infer<typeof eventRecord>;

export const artifactRecord = z.object({
  id: z.string(),
  org: z.string(),
  task: z.string(),
  content: z.string(),
  sha256: z.string(),
  epoch: counter,
});
export type ArtifactRecord = z.infer<typeof artifactRecord>;

export const noteRecord = z.object({ assignment: z.string(), epoch: counter });
export type NoteRecord = z.infer<typeof noteRecord>;

export const effectRecord = z.object({
  id: z.string(),
  assignment: z.string(),
  state: z.string(),
  epoch: counter,
});
export type EffectRecord = z.infer<typeof effectRecord>;

/** What the providers say of one request that reached them; `usage` is null when nothing was made that could be billed. */
export interface ProviderRequest {
  readonly id: string;
  /** ISO 8601, by the providers' clock. */
  readonly time: string;
  readonly provider: string;
  readonly usage: object | null;
  /** Until the answer was complete or the connection gone; null while neither is. */
  readonly durationMs: number | null;
}
