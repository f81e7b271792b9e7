import type { z } from 'zod';
import type { Finding } from './schemas.ts';

/** One finding per failing field of a zod error, at its JSON pointer (RFC 6901). An unknown key is a finding of its own. */
export const zodFindings = (error: z.ZodError): Finding[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ where: jsonPointer([...issue.path, key]), message: 'There is no such field.' }))
      : [{ where: jsonPointer(issue.path), message: issue.message }],
  );

export const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
