// What the records keep of a lease's token: enough to recognise it, and nothing that could be presented in its place. Members read the
// records from the database.
import { createHash } from 'node:crypto';

const prefix = 'sha256:';

/** What is stored of a token. */
export const leaseMark = (token: string): string => `${prefix}${createHash('sha256').update(token).digest('hex')}`;

/** Whether the token is that of the lease on record. Leases from before tokens were hashed have the token itself on record. */
export const isTokenOf = (stored: string, token: string): boolean =>
  stored === (stored.startsWith(prefix) ? leaseMark(token) : token);
