// What the operations on tasks share: path parameters, who may do what, and the shape of an answer.
import { z } from '@hono/zod-openapi';
import { roles } from '../../platform/schemas.ts';
import { allow } from '../../platform/http/identity.ts';
import { assignmentId, taskId } from '../schemas.ts';

export const bearer = [{ firebase: [] }];

export const anyRole = allow(...roles);
export const submitters = allow('main-coordinator', 'operator', 'member');
export const operators = allow('main-coordinator', 'operator');

// `.meta`, not `.openapi`: a schema that was made before @hono/zod-openapi was loaded has only the former.
export const inTask = z.object({ task: taskId.meta({ example: 'tsk_0f3c9a1be47d25c8a6b1' }) });
export const inAssignment = inTask.extend({ assignment: assignmentId.meta({ example: 'api-contract' }) });
export const inArtifact = inTask.extend({ artifact: assignmentId.meta({ example: 'api-contract' }) });

/** A JSON answer. */
export const answer = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** Another representation of an answer, for the OpenAPI document: typed clients know the JSON only. */
export const alsoAs = (mediaType: string): object => ({ [mediaType]: { schema: { type: 'string' } } });

/** An answer in that other representation; the types of the route do not know it. */
export const represented = (response: Response) => response as never;
