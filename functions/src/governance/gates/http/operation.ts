// What the operations on gates share: the task in the path, and repeating a request that creates.
import { z } from '@hono/zod-openapi';
import { taskId } from '../../../coordination/schemas.ts';

export const inTask = z.object({ task: taskId.meta({ example: 'tsk_0f3c9a1be47d25c8a6b1' }) });

export const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .openapi({ description: 'The same key with the same body answers with what the first request made.' }),
});

export const created = z.object({
  Location: z.string().openapi({ description: 'What was made, relative to this URL.' }),
  'Idempotent-Replayed': z
    .literal('true')
    .optional()
    .openapi({ description: 'Present when this very request had been made before.' }),
});
