// Reading many records without holding many. A record may be as large as a document can be, and takes four to five times its stored
// size while it is read, so that what is read at once is a few records, however many are wanted.
//
// B1. Of the records that are read whole, at most `sliceSize` are read at once, unless they are kept in any case.
// B2. A page holds at most `pageBytes` of records, or one record that alone is larger; it is empty only when nothing is left.
import type { DocumentReference, DocumentSnapshot, Query, QueryDocumentSnapshot } from 'firebase-admin/firestore';
import { readDocuments, readQuery } from './firestore.ts';
import { storedBytes } from './stored-size.ts';

/** At most 8 MiB of records, some 36 MB while they are read. */
export const sliceSize = 8;

export const pageBytes = 1_048_576;

export interface SliceOptions {
  readonly most?: number;
  /** More than `sliceSize` only of records that are seldom large and are all kept anyway. */
  readonly size?: number;
}

/** What the query finds, in its order, slice by slice; at most so many records. */
export async function* slicesOf(
  query: Query,
  { most = Number.MAX_SAFE_INTEGER, size = sliceSize }: SliceOptions = {},
): AsyncGenerator<QueryDocumentSnapshot[]> {
  let last: QueryDocumentSnapshot | undefined;
  for (let left = most; left > 0; left -= size) {
    const wanted = Math.min(size, left);
    const slice = await readQuery((last ? query.startAfter(last) : query).limit(wanted));
    if (slice.length > 0) yield slice;
    last = slice.at(-1);
    if (slice.length < wanted) return;
  }
}

/** The documents named, in that order, slice by slice. */
export async function* slicesOfNamed(references: readonly DocumentReference[]): AsyncGenerator<DocumentSnapshot[]> {
  for (let begin = 0; begin < references.length; begin += sliceSize) {
    yield await readDocuments(references.slice(begin, begin + sliceSize));
  }
}

/** Everything of all slices, each record turned into what is wanted of it before the next slice is read. */
export const fromSlices = async <S, T>(slices: AsyncIterable<readonly S[]>, turn: (record: S) => T): Promise<T[]> => {
  const all: T[] = [];
  for await (const slice of slices) all.push(...slice.map(turn));
  return all;
};

export interface Taken<T> {
  readonly records: T[];
  /** Whether a record was left. */
  readonly more: boolean;
}

/** Takes records until there are `most`, or the next would make them larger than a page may be (B2). */
export const takePage = async <T>(slices: AsyncIterable<readonly T[]>, most: number): Promise<Taken<T>> => {
  const records: T[] = [];
  let bytes = 0;
  for await (const slice of slices) {
    for (const record of slice) {
      bytes += storedBytes(record);
      if (records.length === most || (records.length > 0 && bytes > pageBytes)) return { records, more: true };
      records.push(record);
    }
  }
  return { records, more: false };
};
