// What the operations of all domains share: who may do what, the shape of an answer, and edits that name what they saw.
import { z } from '@hono/zod-openapi';
import { AppError, isError } from '../errors.ts';
import { storeErrors, type Revision } from '../firestore.ts';
import { roles } from '../schemas.ts';
import type { Caller } from './env.ts';
import { httpErrors } from './errors.ts';
import { allow } from './identity.ts';

export const bearer = [{ firebase: [] }];

/** Only for what does not rest on the role: an agent may be somebody else's program. */
export const anyRole = allow(...roles);
/** Who may read what the org does: everybody but agents, which are told of their own work alone. */
export const members = allow('main-coordinator', 'operator', 'member');
export const submitters = allow('main-coordinator', 'operator', 'member');
export const operators = allow('main-coordinator', 'operator');

/** May the caller see what only operators are told? */
export const isOperator = ({ role }: Caller): boolean => role === 'main-coordinator' || role === 'operator';

/** A JSON answer. */
export const answer = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** Another representation of an answer, for the OpenAPI document: typed clients know the JSON only. */
export const alsoAs = (mediaType: string): object => ({ [mediaType]: { schema: { type: 'string' } } });

/** An answer in that other representation; the types of the route do not know it. */
export const represented = (response: Response) => response as never;

/** The strong entity tag of a stored record. */
export const etagOf = (revision: Revision): string => `"${revision}"`;

/** The header of an answer that can be edited. */
export const etagHeader = z.object({
  ETag: z
    .string()
    .openapi({ description: 'Send it back as `If-Match` to change what you saw.', example: '"1795370400.500000000"' }),
});

/** The header of an edit; `seenRevision` reads it. */
export const ifMatchHeader = z.object({
  'If-Match': z.string().max(8_192).optional().openapi({
    description: 'The `ETag` of what you saw. Required: an edit of something that has changed meanwhile is refused.',
    example: '"1795370400.500000000"',
  }),
});

// The database tells microseconds apart, and refuses a time that is finer or far away.
const etagFormat = /^"(\d{1,11}\.(?:0|\d{1,6}000))"$/;

/** The revision that an edit was decided on. Throws http.precondition_required, http.precondition_failed. */
export const seenRevision = (headers: z.output<typeof ifMatchHeader>): Revision => {
  const etag = headers['If-Match'];
  if (etag === undefined) throw new AppError(httpErrors.preconditionRequired);
  const revision = etagFormat.exec(etag)?.[1];
  // A tag that is none of ours cannot be that of the present state.
  if (revision === undefined) throw new AppError(httpErrors.preconditionFailed);
  return revision;
};

/** Runs an edit; one that lost the race is http.precondition_failed. */
export const ifUnchanged = async <T>(edit: () => Promise<T>): Promise<T> => {
  try {
    return await edit();
  } catch (error) {
    if (isError(error, storeErrors.conflict)) throw new AppError(httpErrors.preconditionFailed, { cause: error });
    throw error;
  }
};

/** The header of a POST that may be sent again; `promise` says what the same key with the same body does. */
export const idempotencyKeyHeader = (promise = 'answers with what the first request made.') =>
  z.object({
    'Idempotency-Key': z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
      .optional()
      .openapi({
        description: `The same key of the same caller with the same body ${promise}`,
        example: '4b4c2f0e-6c3d-4a52-9d0c-2f8f3f1f5c1e',
      }),
  });

/** The header of an answer that something was asked for instead of done. */
export const proposedHeaders = z.object({
  Location: z.string().openapi({ description: 'The approval request, relative to this URL.' }),
});

/** The headers of an answer that made something: where it is, and whether it was there before. */
export const madeHeaders = (what: string, example?: string) =>
  z.object({
    Location: z.string().openapi({ description: `${what}, relative to this URL.`, ...(example && { example }) }),
    'Idempotent-Replayed': z
      .literal('true')
      .optional()
      .openapi({ description: 'Present when this very request had been made before.' }),
  });
