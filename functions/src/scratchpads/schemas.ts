// What a specialist writes on a task's scratchpad. A leaf.
import { z } from 'zod';
import { specialistId } from '../agents/schemas.ts';
import { instant, orgId } from '../platform/schemas.ts';

/** The fields of the scratchpad that specialists fill, in the order in which they are printed. */
export const noteFields = [
  'service',
  'dependencies',
  'dataFlow',
  'endpoints',
  'authentication',
  'rateLimits',
  'slas',
] as const;

export const notes = z.partialRecord(z.enum(noteFields), z.string());
export type Notes = z.infer<typeof notes>;

/** `orgs/{org}/tasks/{task}/scratchpad/{assignment}`: one assignment's notes, written with its result. */
export const entry = z.object({
  org: orgId,
  task: z.string(),
  assignment: z.string(),
  ordinal: z.int(),
  specialist: specialistId,
  epoch: z.int(),
  notes,
  writtenAt: instant,
});
export type Entry = z.infer<typeof entry>;
