import type { z } from 'zod';
import { cutFindings } from './result.ts';
import type { Finding } from './schemas.ts';

/**
 * A finding for each failing field of a zod error, at its JSON pointer (RFC 6901), at most fifty. An unknown key is a finding of its
 * own.
 */
export const zodFindings = (error: z.ZodError): Finding[] =>
  cutFindings(error.issues.flatMap(faultsOf), ({ path, message }) => ({ where: jsonPointer(path), message }));

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const faultsOf = (issue: z.core.$ZodIssue): Fault[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'There is no such field.' }))
    : [issue];

export const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
