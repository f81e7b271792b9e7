// What the operations on tasks share: path parameters, the key and the answer of those that make one, and what members may do.
import { z } from '@hono/zod-openapi';
import { AppError } from '../../platform/errors.ts';
import type { Caller } from '../../platform/http/env.ts';
import { httpErrors } from '../../platform/http/errors.ts';
import { answer, idempotencyKeyHeader, madeHeaders } from '../../platform/http/operation.ts';
import { getTask } from '../index.ts';
import { assignmentId, taskId, type TaskId } from '../schemas.ts';

// `.meta`, not `.openapi`: a schema that was made before @hono/zod-openapi was loaded has only the former.
export const inTask = z.object({ task: taskId.meta({ example: 'tsk_0f3c9a1be47d25c8a6b1' }) });
export const inAssignment = inTask.extend({ assignment: assignmentId.meta({ example: 'api-contract' }) });
export const inArtifact = inTask.extend({ artifact: assignmentId.meta({ example: 'api-contract' }) });

export const idempotencyKey = idempotencyKeyHeader('answers with the task that the first request made.');

/** The answer to a request that makes a task; `location` is an example of where it is, relative to the URL of the request. */
export const accepted = <S extends z.ZodType>(schema: S, description: string, location: string) => ({
  ...answer(schema, description),
  headers: madeHeaders('The task', location),
});

/** A member acts only on what they submitted. Throws `http.forbidden`, `coordination.task_not_found`. */
export const requireOwn = async ({ org, uid, role }: Caller, id: TaskId, verb: string): Promise<void> => {
  if (role !== 'member') return;
  const { submittedBy } = await getTask(org, id);
  if (submittedBy.channel === 'http' && submittedBy.uid === uid) return;
  throw new AppError(httpErrors.forbidden, { detail: `A member may ${verb} only what they submitted.` });
};
