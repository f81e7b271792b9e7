// Ids follow from what a record is for, so doing the same thing twice meets the same document (C9).
import { createHash, randomUUID } from 'node:crypto';
import type { RunId, ScheduleId } from './schemas.ts';

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** Without a key every schedule that is handed in is one of its own. */
export const scheduleIdFor = (org: string, key: string | undefined): ScheduleId =>
  `sch_${hash([org, key ?? randomUUID()]).slice(0, 20)}`;

/** A slot has one run, whoever finds it due. */
export const slotRunId = (schedule: ScheduleId, slot: Date): RunId =>
  `run_${hash([schedule, 'slot', slot.toISOString()]).slice(0, 20)}`;

/** Without a key every request is a run of its own. */
export const requestedRunId = (schedule: ScheduleId, key: string | undefined): RunId =>
  `run_${hash([schedule, 'request', key ?? randomUUID()]).slice(0, 20)}`;

/** Fingerprint of a parsed request: its fields are in the order of the schema. */
export const requestHash = (request: unknown): string => hash(request);
