// Lists come in pages, newest first; the token of the next page is the id of this one's last record. A page of large records ends
// before it has as many as were asked for (B2 of slices.ts).
import type { CollectionReference, Query } from 'firebase-admin/firestore';
import type { z } from 'zod';
import { parseSnapshot, readDocument } from './firestore.ts';
import { slicesOf, takePage } from './slices.ts';

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
  listing: Listing<T>,
  { pageSize, pageToken }: PageRequest,
): Promise<Page<T>> => {
  const { collection } = listing;
  const start = pageToken === undefined ? undefined : await readDocument(collection.doc(pageToken));
  if (start?.exists === false) return { records: [] };
  const query = start ? queryOf(listing).startAfter(start) : queryOf(listing);
  const { records, more } = await takePage(parsedSlices(listing.schema, query, pageSize + 1), pageSize);
  const last = records.at(-1);
  return more && last ? { records, nextPageToken: last.id } : { records };
};

const queryOf = <T>({ collection, filter = {}, newestBy = 'createdAt' }: Listing<T>): Query =>
  Object.entries(filter).reduce<Query>(
    (query, [name, value]) => (value === undefined ? query : query.where(name, '==', value)),
    collection.orderBy(newestBy, 'desc'),
  );

async function* parsedSlices<T>(schema: z.ZodType<T>, query: Query, most: number): AsyncGenerator<T[]> {
  for await (const slice of slicesOf(query, { most })) yield slice.map((each) => parseSnapshot(schema, each).value);
}
