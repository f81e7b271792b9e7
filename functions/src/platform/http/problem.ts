// RFC 9457 problem details: the only shape in which the API says no.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AppError, platformErrors } from '../errors.ts';
import type { ApiEnv } from './env.ts';
import { httpErrors } from './errors.ts';
import { maxProblemErrors, problemMediaType, problemOf } from './problem-document.ts';

export const problem = z
  .object({
    type: z.string().meta({ description: 'The page that explains the code, `/docs/errors/<code>` of the repository.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z
      .string()
      .meta({ description: 'The request id, also in `X-Request-Id`: quote it when you ask for help.' }),
    code: z.string().meta({ description: 'Stable: branch on it.' }),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .max(maxProblemErrors)
      .optional()
      .meta({
        description:
          'The failing fields, 100 at most, by JSON pointer: `#/title` in the body, `query#/pageSize`, `path#/task`, `header#/idempotency-key`.',
      }),
  })
  .openapi('Problem', {
    example: {
      type: '/docs/errors/platform.invalid_input',
      title: 'The input does not fit the schema',
      status: 400,
      detail: '1 field does not fit.',
      instance: '8b0c1c1e-6d0f-4f43-9d0e-0d6a1d0b8a55',
      code: 'platform.invalid_input',
      errors: [{ pointer: '#/title', detail: 'is missing' }],
    },
  });
export type Problem = z.infer<typeof problem>;

const descriptions = {
  400: 'The request does not fit its schema.',
  401: 'The bearer token is missing or not valid.',
  403: 'The role of the caller does not allow this.',
  404: 'There is no such thing in the caller’s organisation.',
  409: 'The request contradicts the present state.',
  412: 'The record was changed since the caller read it.',
  413: 'The body is larger than 1 MiB.',
  415: 'The body is not JSON, or is compressed.',
  422: 'The request is well-formed but cannot be carried out.',
  428: 'The operation needs an `If-Match` header.',
  429: 'More requests than the limit per minute, or more open event streams than the limit; `Retry-After` says when to come back.',
  500: 'Something went wrong on our side.',
  503: 'Something we depend on is busy; `Retry-After` says when to come back.',
} as const;
type ProblemStatus = keyof typeof descriptions;

/** The OpenAPI responses of an operation's problems; every operation can also answer 429, 500 and 503. */
export const problems = <S extends ProblemStatus = never>(...statuses: S[]) =>
  Object.fromEntries(
    [...statuses, 429, 500, 503].map((status) => [
      status,
      { description: descriptions[status as ProblemStatus], content: { [problemMediaType]: { schema: problem } } },
    ]),
  ) as Record<
    S | 429 | 500 | 503,
    { description: string; content: { 'application/problem+json': { schema: typeof problem } } }
  >;

/** Answers with a problem. Whatever is not an AppError is a generic 500 that tells the caller nothing. */
export const answerProblem = (error: unknown, c: Context<ApiEnv>): Response => {
  const known = error instanceof AppError ? error : new AppError(platformErrors.internal);
  c.set('failure', error);
  setHeaders(c, known);
  return c.body(JSON.stringify(problemOf(known, c.get('requestId'))), known.row.status as ContentfulStatusCode, {
    'Content-Type': problemMediaType,
  });
};

const setHeaders = (c: Context<ApiEnv>, error: AppError) => {
  if (error.row.status === 401) c.header('WWW-Authenticate', challengeOf(error));
  const retryAfter = error.retryAfterSeconds ?? (error.row.status === 503 ? 1 : undefined);
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
};

// RFC 6750, section 3: no error code when the request carried no token at all.
const challengeOf = (error: AppError) =>
  error.code === httpErrors.unauthenticated.code
    ? 'Bearer realm="backend-coordinator"'
    : 'Bearer realm="backend-coordinator", error="invalid_token"';
