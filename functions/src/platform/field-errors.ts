import type { z } from 'zod';
import type { FieldError } from './errors.ts';

/** Beyond so many unknown fields of one object they are one error that names the first. */
const maxUnknownFields = 10;
const maxNameLength = 40;

/** Every issue of a zod error, by JSON pointer. */
export const fieldErrors = (error: z.ZodError, root = '#'): FieldError[] =>
  error.issues.flatMap((issue) => {
    const at = (path: readonly PropertyKey[]) =>
      `${root}${path.map((part) => `/${escapePointer(String(part))}`).join('')}`;
    if (issue.code !== 'unrecognized_keys') return [{ pointer: at(issue.path), detail: issue.message }];
    if (issue.keys.length > maxUnknownFields) return [{ pointer: at(issue.path), detail: manyUnknown(issue.keys) }];
    return issue.keys.map((key) => ({ pointer: at([...issue.path, key]), detail: 'is not a known field' }));
  });

const manyUnknown = (keys: readonly string[]): string => {
  const first = keys.slice(0, maxUnknownFields).map((key) => key.slice(0, maxNameLength));
  return `has ${keys.length} fields that are not known: ${first.join(', ')} and so on`;
};

const escapePointer = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');
