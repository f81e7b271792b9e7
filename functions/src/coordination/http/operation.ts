// The path parameters of the operations on tasks.
import { z } from '@hono/zod-openapi';
import { assignmentId, taskId } from '../schemas.ts';

// `.meta`, not `.openapi`: a schema that was made before @hono/zod-openapi was loaded has only the former.
export const inTask = z.object({ task: taskId.meta({ example: 'tsk_0f3c9a1be47d25c8a6b1' }) });
export const inAssignment = inTask.extend({ assignment: assignmentId.meta({ example: 'api-contract' }) });
export const inArtifact = inTask.extend({ artifact: assignmentId.meta({ example: 'api-contract' }) });
