import type { z } from 'zod';
import type { FieldError } from './errors.ts';

/** Every issue of a zod error, by JSON pointer. */
export const fieldErrors = (error: z.ZodError, root = '#'): FieldError[] =>
  error.issues.flatMap((issue) => {
    const at = (path: readonly PropertyKey[]) =>
      `${root}${path.map((part) => `/${escapePointer(String(part))}`).join('')}`;
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: at([...issue.path, key]), detail: 'is not a known field' }))
      : [{ pointer: at(issue.path), detail: issue.message }];
  });

const escapePointer = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');
