// The document that says no, without the API around it: the request guard needs it in functions that never load the API.
import type { AppError, FieldError } from '../errors.ts';

export const problemMediaType = 'application/problem+json';

/** More would help nobody: one mistake in a list is an error for each of its items. */
export const maxProblemErrors = 100;
const maxTextLength = 600;

/** The problem details (RFC 9457) of an error, of bounded size. */
export const problemOf = (error: AppError, requestId: string) => ({
  type: `/docs/errors/${error.code}`,
  title: error.row.title,
  status: error.row.status,
  // The detail of a 500 may name our own records: only the log gets it.
  detail: error.row.status === 500 ? error.row.title : detailOf(error),
  instance: requestId,
  code: error.code,
  ...(error.errors.length > 0 && { errors: error.errors.slice(0, maxProblemErrors).map(shorten) }),
});

const detailOf = ({ detail, errors }: AppError): string =>
  errors.length > maxProblemErrors
    ? `${cut(detail)} The first ${maxProblemErrors} of ${errors.length} errors are listed.`
    : cut(detail);

const shorten = ({ pointer, detail }: FieldError): FieldError => ({ pointer: cut(pointer), detail: cut(detail) });

const cut = (text: string): string => (text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`);
