// What the operations on gates share: the task in the path, and repeating a request that creates.
import { z } from '@hono/zod-openapi';
import { taskId } from '../../../coordination/schemas.ts';
import { idempotencyKeyHeader, madeHeaders } from '../../../platform/http/operation.ts';

export const inTask = z.object({ task: taskId.meta({ example: 'tsk_0f3c9a1be47d25c8a6b1' }) });

export const idempotencyKey = idempotencyKeyHeader();

export const created = madeHeaders('What was made');
