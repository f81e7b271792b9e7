// How a sweeper goes through what is due in all orgs. What it fails to handle stays due.
//
// D1. Each record is met once in a sweep: one that cannot be read, or that fails again and again, does not keep those behind it from
//     being met.
// D2. First only the keys of what is due are read; the records follow in slices (B1 of slices.ts). Those that are being handled take
//     at most `handledBytes` together, or are one record.
// D3. The orgs take turns, record by record. An org that has many due records leaves the search after `shareOfOrg` of them, and
//     the rest of its records is looked for when those of the others are handled.
// D4. A sweep handles at most `most` records; the next one goes on.
import * as logger from 'firebase-functions/logger';
import {
  Timestamp,
  type DocumentReference,
  type DocumentSnapshot,
  type Query,
  type QueryDocumentSnapshot,
} from 'firebase-admin/firestore';
import type { z } from 'zod';
import { describeError } from './errors.ts';
import { firestore, readable, readDocuments, readQuery, type Stored } from './firestore.ts';
import { sliceSize } from './slices.ts';
import { storedBytes } from './stored-size.ts';

/** Which records of all orgs are due: those of a collection group whose field is a time no later than `until`. */
export interface Due<T> {
  readonly schema: z.ZodType<T>;
  readonly collection: string;
  readonly field: string;
  readonly until: Date;
}

export interface SweepLimits {
  readonly most?: number;
  /** How many records are handled at the same time. */
  readonly atOnce?: number;
}

const pageSize = 200;
const shareOfOrg = 100;
/** A search for fewer might not come to the others, behind the share of one org. */
const leastSearched = 2_000;
/** The most values that a query may exclude. */
const maxExcluded = 10;
const handledBytes = 2 * 1_048_576;

/** Handles each record that is due (D1 to D4). A record whose handling fails is logged. Throws when the database cannot be read. */
export const handleDue = async <T>(
  due: Due<T>,
  handle: (each: Stored<T>) => Promise<void>,
  { most = 5_000, atOnce = 100 }: SweepLimits = {},
): Promise<void> => {
  const underWay = new Set<Promise<void>>();
  let bytes = 0;
  const begin = (snapshot: DocumentSnapshot, size: number): void => {
    bytes += size;
    const work: Promise<void> = handleOne(due, snapshot, handle).finally(() => {
      bytes -= size;
      underWay.delete(work);
    });
    underWay.add(work);
  };
  try {
    for await (const snapshot of dueRecords(due, most)) {
      const size = storedBytes(snapshot.data());
      while (underWay.size >= atOnce || (underWay.size > 0 && bytes + size > handledBytes))
        await Promise.race(underWay);
      begin(snapshot, size);
    }
  } finally {
    await Promise.all(underWay);
  }
};

const handleOne = async <T>(
  { schema }: Due<T>,
  snapshot: DocumentSnapshot,
  handle: (each: Stored<T>) => Promise<void>,
): Promise<void> => {
  try {
    for (const each of readable(schema, snapshot)) await handle(each);
  } catch (error) {
    logger.error('A record that was due could not be handled', {
      path: snapshot.ref.path,
      cause: describeError(error),
    });
  }
};

/** Those that are still due by the time that they are read. */
async function* dueRecords<T>(due: Due<T>, most: number): AsyncGenerator<DocumentSnapshot> {
  for await (const keys of keysInTurn(due, most)) {
    for (let begin = 0; begin < keys.length; begin += sliceSize) {
      const found = await readDocuments(keys.slice(begin, begin + sliceSize));
      yield* found.filter((snapshot) => isDue(due, snapshot));
    }
  }
}

const isDue = <T>({ field, until }: Due<T>, snapshot: DocumentSnapshot): boolean => {
  const time: unknown = snapshot.get(field);
  return time instanceof Timestamp && time.toDate() <= until;
};

type Key = QueryDocumentSnapshot;

/** Round by round, in each of which the orgs take turns (D3). */
async function* keysInTurn<T>(due: Due<T>, most: number): AsyncGenerator<DocumentReference[]> {
  let left = most;
  let { found, unfinished } = await firstRound(due, most);
  for (;;) {
    const round = inTurns(found).slice(0, left);
    left -= round.length;
    yield round;
    if (left === 0 || unfinished.length === 0) return;
    ({ found, unfinished } = await nextRound(due, unfinished));
  }
}

interface Round {
  /** The keys of each org, in the order of the time at which its first one was due. */
  readonly found: ReadonlyMap<string, readonly Key[]>;
  /** The last keys of the orgs that may have more. */
  readonly unfinished: readonly Key[];
}

const firstRound = async <T>(due: Due<T>, most: number): Promise<Round> => {
  const found = new Map<string, Key[]>();
  const isFull = (keys: readonly Key[]) => keys.length >= shareOfOrg;
  let [last, count]: [Key | undefined, number] = [undefined, 0];
  for (;;) {
    const full = [...found].filter(([, keys]) => isFull(keys)).map(([org]) => org);
    // The search goes on behind a key by all of its fields, so one that names no org excludes none.
    const excluded = last?.get('org') === undefined ? [] : full.slice(0, maxExcluded);
    const page = await readQuery(behind(last, without(excluded, dueKeys(due))).limit(pageSize));
    for (const key of page) found.set(orgOf(key), [...(found.get(orgOf(key)) ?? []), key]);
    last = page.at(-1);
    count += page.length;
    if (page.length < pageSize || count >= Math.max(most, leastSearched)) break;
  }
  return { found, unfinished: [...found.values()].filter(isFull).flatMap((keys) => keys.at(-1) ?? []) };
};

const nextRound = async <T>(due: Due<T>, unfinished: readonly Key[]): Promise<Round> => {
  const found = new Map<string, readonly Key[]>();
  for (const last of unfinished) {
    const org = orgOf(last);
    found.set(org, await readQuery(behind(last, dueKeys(due).where('org', '==', org)).limit(shareOfOrg)));
  }
  const full = [...found.values()].filter((keys) => keys.length === shareOfOrg);
  return { found, unfinished: full.flatMap((keys) => keys.at(-1) ?? []) };
};

const dueKeys = <T>({ collection, field, until }: Due<T>): Query =>
  firestore().collectionGroup(collection).where(field, '<=', until).orderBy(field).select('org', field);

const without = (orgs: readonly string[], query: Query): Query =>
  orgs.length === 0 ? query : query.where('org', 'not-in', orgs);

const behind = (last: Key | undefined, query: Query): Query => (last ? query.startAfter(last) : query);

/** By its path, which every record has: `orgs/{org}/…`. */
const orgOf = ({ ref }: Key): string => ref.path.split('/')[1] ?? '';

const inTurns = (found: Round['found']): DocumentReference[] => {
  const lists = [...found.values()];
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((keys) => keys[turn]?.ref ?? [])).flat();
};
