// What the operations on a scratchpad share: their path parameters, and the tag of a section, which is the number of its latest
// revision.
import { z } from '@hono/zod-openapi';
import { taskId } from '../../coordination/schemas.ts';
import { AppError } from '../../platform/errors.ts';
import { httpErrors } from '../../platform/http/errors.ts';
import { sectionId } from '../schemas.ts';

export const tags = ['Scratchpad'];

export const inTask = z.object({ task: taskId.meta({ example: 'tsk_0f3c9a1be47d25c8a6b1' }) });
export const inSection = inTask.extend({ section: sectionId.meta({ example: 'serviceArchitecture' }) });

const sectionTag = z.string().openapi({
  description: 'The number of the latest revision. Send it back as `If-Match` to change what you saw.',
  example: '"3"',
});
export const sectionTagHeader = z.object({ ETag: sectionTag });

export const seenHeader = z.object({
  'If-Match': z.string().max(8_192).optional().openapi({
    description:
      'The `ETag` of the section that you saw, `"0"` for one that nobody has written. Required: an edit of what has changed meanwhile is refused.',
    example: '"3"',
  }),
});

const maxDigits = 9;
const maxNumber = 10 ** maxDigits - 1;

export const tagOf = (number: number): string => `"${number}"`;

/** The revision that an edit was decided on. Throws http.precondition_required, http.precondition_failed. */
export const seenNumber = (headers: z.output<typeof seenHeader>): number => {
  const tag = headers['If-Match'];
  if (tag === undefined) throw new AppError(httpErrors.preconditionRequired);
  const number = new RegExp(`^"(\\d{1,${maxDigits}})"$`).exec(tag)?.[1];
  // A tag that is none of ours cannot be that of the present state.
  if (number === undefined) throw new AppError(httpErrors.preconditionFailed);
  return Number(number);
};

/** The number of a revision, or 0 for the empty section. */
export const earlierNumber = z.int().min(0).max(maxNumber);

/** A revision's number in a path or a query, from `least`. */
export const revisionNumber = (least: 0 | 1) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,${maxDigits}}$`), 'must be the number of a revision')
    .transform(Number)
    .pipe(z.int().min(least))
    .openapi({ type: 'integer', minimum: least, maximum: maxNumber, example: 3 });
