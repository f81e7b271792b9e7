// Lists come in pages, newest first; the token of the next page is the id of this one's last record.
import type { CollectionReference, Query } from 'firebase-admin/firestore';
import type { z } from 'zod';
import { parseSnapshot, readDocument, readQuery } from './firestore.ts';

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken?: string | undefined;
}

export interface Page<T> {
  readonly records: T[];
  readonly nextPageToken?: string;
}

/** Whose records, in which order. */
export interface Listing<T> {
  readonly schema: z.ZodType<T>;
  readonly collection: CollectionReference;
  /** What fields must equal; those that are undefined do not matter. */
  readonly filter?: Readonly<Record<string, string | undefined>>;
  /** The field by which they are new; `createdAt` when left out. */
  readonly newestBy?: string;
}

/** An unknown token is an empty page. */
export const readPage = async <T extends { readonly id: string }>(
  { schema, collection, filter = {}, newestBy = 'createdAt' }: Listing<T>,
  { pageSize, pageToken }: PageRequest,
): Promise<Page<T>> => {
  const filtered = Object.entries(filter).reduce<Query>(
    (query, [name, value]) => (value === undefined ? query : query.where(name, '==', value)),
    collection.orderBy(newestBy, 'desc'),
  );
  const start = pageToken === undefined ? undefined : await readDocument(collection.doc(pageToken));
  if (start?.exists === false) return { records: [] };
  const query = start ? filtered.startAfter(start) : filtered;
  const found = (await readQuery(query.limit(pageSize + 1))).map((snapshot) => parseSnapshot(schema, snapshot).value);
  const records = found.slice(0, pageSize);
  const last = records.at(-1);
  return found.length > pageSize && last ? { records, nextPageToken: last.id } : { records };
};
