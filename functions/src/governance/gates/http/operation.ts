// What the operations on gates share: the task in the path, repeating a request that creates, and the body of an attestation.
import { z } from '@hono/zod-openapi';
import { taskId } from '../../../coordination/schemas.ts';
import { idempotencyKeyHeader, madeHeaders } from '../../../platform/http/operation.ts';
import { attestationRequest } from '../schemas.ts';

export const inTask = z.object({ task: taskId.meta({ example: 'tsk_0f3c9a1be47d25c8a6b1' }) });

export const idempotencyKey = idempotencyKeyHeader();

export const created = madeHeaders('What was made');

/** What is attested, of a task or of the org. */
export const attestationBody = {
  required: true,
  content: {
    'application/json': {
      schema: attestationRequest.meta({
        example: { gate: 'backup', status: 'passed', summary: 'Restored last night’s export into staging.' },
      }),
    },
  },
} as const;
