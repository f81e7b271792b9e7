// Ids follow from what a record is for, so doing the same thing twice meets the same document (C9).
import { randomUUID } from 'node:crypto';
import { jsonHash } from '../platform/hash.ts';
import { idHash, type ScopedKey } from '../platform/idempotency.ts';
import type { RunId, ScheduleId } from './schemas.ts';

/** Without a key every schedule that is handed in is one of its own. */
export const scheduleIdFor = (org: string, key: ScopedKey | undefined): ScheduleId => `sch_${idHash(org, key)}`;

/** A slot has one run, whoever finds it due. */
export const slotRunId = (schedule: ScheduleId, slot: Date): RunId =>
  `run_${jsonHash([schedule, 'slot', slot.toISOString()]).slice(0, 20)}`;

/** Without a key every request is a run of its own. */
export const requestedRunId = (schedule: ScheduleId, key: ScopedKey | undefined): RunId =>
  `run_${jsonHash([schedule, 'request', ...(key ?? [randomUUID()])]).slice(0, 20)}`;

/** Fingerprint of a parsed request: its fields are in the order of the schema. */
export const requestHash = (request: unknown): string => jsonHash(request);
