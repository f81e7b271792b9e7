// Keys of idempotency. A caller chooses a key freely and others may know it or guess it, so a key counts among the keys of whoever
// chose it: two callers with the same key make two records, and nobody can take or block the record of somebody else.
import { randomUUID } from 'node:crypto';
import { jsonHash } from './hash.ts';

/** A key after the names of its channel and of whoever chose it there. */
export type ScopedKey = readonly [string, ...string[]];

/** By the `Idempotency-Key` of a request. Without one every request is one of its own. */
export const keyOfCaller = (uid: string, key: string | undefined): ScopedKey => ['http', uid, key ?? randomUUID()];

/** What a record's id is cut from: the same for the same org and key. Without a key every record is one of its own. */
export const idHash = (org: string, key: ScopedKey | undefined): string =>
  jsonHash([org, ...(key ?? [randomUUID()])]).slice(0, 20);
