// What the operations of this domain share.
import { z } from '@hono/zod-openapi';
import { scheduleId } from '../schemas.ts';

export const tags = ['Schedules'];

export const inSchedule = z.object({ schedule: scheduleId.meta({ example: 'sch_5d2e8f7a90b1c3d4e6f7' }) });

export const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .openapi({
      description: 'The same key with the same body answers with what the first request made.',
      example: '4b4c2f0e-6c3d-4a52-9d0c-2f8f3f1f5c1e',
    }),
});

export const replayedHeader = z
  .literal('true')
  .optional()
  .openapi({ description: 'Present when the key had been used for this very request before.' });
