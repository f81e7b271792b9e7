import { createHash } from 'node:crypto';

/** SHA-256 of the value as JSON, in hex. Ids are cut from it: the same thing has the same id (C9). */
export const jsonHash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
