import type { z } from 'zod';
import { AppError, platformErrors, type FieldError } from './errors.ts';

/** A path as a JSON pointer (RFC 6901) that can be stored and printed, whatever the names on it are. */
export const pointerTo = (path: readonly PropertyKey[], root = '#'): string =>
  `${root}${path.map((part) => `/${escapePointer(String(part))}`).join('')}`.toWellFormed();

/** Beyond so many unknown fields of one object they are one error that names the first. */
const maxUnknownFields = 10;
const maxNameLength = 40;

/** Every issue of a zod error, by JSON pointer. */
export const fieldErrors = (error: z.ZodError, root = '#'): FieldError[] =>
  error.issues.flatMap((issue) => {
    const at = (path: readonly PropertyKey[]) => pointerTo(path, root);
    if (issue.code !== 'unrecognized_keys') return [{ pointer: at(issue.path), detail: issue.message }];
    if (issue.keys.length > maxUnknownFields) return [{ pointer: at(issue.path), detail: manyUnknown(issue.keys) }];
    return issue.keys.map((key) => ({ pointer: at([...issue.path, key]), detail: 'is not a known field' }));
  });

const manyUnknown = (keys: readonly string[]): string => {
  const first = keys.slice(0, maxUnknownFields).map((key) => key.slice(0, maxNameLength));
  return `has ${keys.length} fields that are not known: ${first.join(', ')} and so on`;
};

const escapePointer = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** `platform.invalid_input` with what is wrong, by field. */
export const invalidInput = (errors: readonly FieldError[]): AppError =>
  new AppError(platformErrors.invalidInput, {
    detail: errors.length === 1 ? '1 field does not fit.' : `${errors.length} fields do not fit.`,
    errors,
  });
