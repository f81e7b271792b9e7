// The one door to Firestore. State changes are batches of conditional writes instead of transactions: a write carries the
// revision that its author saw, so a commit costs no read, and the loser of a race is told so (C2). Errors of gRPC become
// rows of ours here.
import * as logger from 'firebase-functions/logger';
import { getApps, initializeApp } from 'firebase-admin/app';
import {
  getFirestore,
  Timestamp,
  type AggregateQuery,
  type AggregateSpec,
  type DocumentData,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  type Precondition,
  type Query,
  type QueryDocumentSnapshot,
  type QuerySnapshot,
  type SetOptions,
  type Transaction,
  type UpdateData,
} from 'firebase-admin/firestore';
import type { z } from 'zod';
import { cross } from './crossings.ts';
import { DeadlinePassed, within } from './deadline.ts';
import { AppError, defineErrors, describeError, isError, type ErrorRow } from './errors.ts';
import { lazy } from './lazy.ts';
import { withNumbers } from './numbers.ts';

/** What a commit is filled with, a batch or a transaction; domains hand it on so that their writes share one commit. */
export interface Batch {
  create(reference: DocumentReference, data: DocumentData): unknown;
  set(reference: DocumentReference, data: DocumentData, options?: SetOptions): unknown;
  update(reference: DocumentReference, data: UpdateData<DocumentData>, precondition?: Precondition): unknown;
  delete(reference: DocumentReference, precondition?: Precondition): unknown;
}

export const storeErrors = defineErrors('store', {
  conflict: { status: 409, title: 'The record was changed meanwhile', retry: 'later' },
  exists: { status: 409, title: 'The record exists already', retry: 'never' },
  unavailable: { status: 503, title: 'The database is busy, try again', retry: 'later' },
  outcomeUnknown: { status: 503, title: 'The database did not say whether the change was made', retry: 'later' },
  refused: { status: 500, title: 'The database refuses the record', retry: 'never' },
  corrupt: { status: 500, title: 'A stored record does not fit its schema', retry: 'never' },
});

/**
 * For each call to the database but listeners: many times what a busy one takes, and less than a caller of the API waits. A database that
 * hangs is then an outage that callers and escalations are told of.
 */
export const databaseDeadlineMs = 20_000;

/** When a caller is to come back after such a call. */
const retryAfterSeconds = 5;

/** Did somebody else write first? A record was not at the revision named, or one to be created was there. */
export const isLostRace = (error: unknown): error is AppError =>
  isError(error, storeErrors.conflict) || isError(error, storeErrors.exists);

export const app = lazy(() => getApps()[0] ?? initializeApp());

export const firestore: () => Firestore = lazy(() => {
  const database = getFirestore(app());
  // An int64 may be more than a number can say exactly.
  database.settings({ ignoreUndefinedProperties: true, useBigInt: true });
  return database;
});

/** A document's state at one moment: its parsed content and the revision that a conditional write must name. */
export interface Stored<T> {
  readonly value: T;
  readonly revision: Revision;
}

/** `<seconds>.<nanoseconds>` of the commit that wrote the document last. */
export type Revision = string;

export const revisionOf = (time: Timestamp): Revision => `${time.seconds}.${time.nanoseconds}`;

/** When that revision was written, by the database's clock. */
export const timeOf = (revision: Revision): Date => unchangedSince(revision).lastUpdateTime.toDate();

/** The precondition "nobody wrote since that revision". */
export const unchangedSince = (revision: Revision): { lastUpdateTime: Timestamp } => {
  const [seconds, nanoseconds] = revision.split('.');
  return { lastUpdateTime: new Timestamp(Number(seconds), Number(nanoseconds)) };
};

/**
 * Commits the writes that `fill` puts into a batch, all or none, and returns the revision that every written document then has.
 * Throws `store.conflict` when a precondition failed, `store.exists` when a `create` found the document,
 * `store.outcome_unknown` when the commit may or may not have happened: read back. `store.refused`: it never will, as it is too large.
 */
export const commit = async (fill: (batch: Batch) => void): Promise<Revision> => {
  const batch = firestore().batch();
  fill(batch);
  try {
    const [first] = await cross('firestore.commit', () => within(databaseDeadlineMs, () => batch.commit()));
    if (!first) throw new Error('A commit needs at least one write.');
    noteTime(first.writeTime);
    return revisionOf(first.writeTime);
  } catch (error) {
    throw translate(error, 'commit');
  }
};

/** What may be made no more than `most` times. */
export interface Limit {
  /** The records that count, each with no more of its fields than `counts` looks at. */
  readonly among: Query;
  /** Which of them count, where a query cannot tell; left out: all. */
  readonly counts?: (record: DocumentSnapshot) => boolean;
  readonly most: number;
  readonly refusal: ErrorRow;
}

const maxTransactionTries = 10;

/**
 * Like `commit` for a record to be made, `made`, which must count `among` the limited: however many are made at the same time, there
 * are never more than `most`. The transaction reads all that count, and waits for others that make one: for what is made
 * seldom. Throws what `commit` throws, `store.exists` also when the limit is reached, and the refusal.
 */
export const commitWithin = async (
  { among, counts, most, refusal }: Limit,
  made: DocumentReference,
  fill: (batch: Batch) => void,
): Promise<Revision> => {
  const decide = async (transaction: Transaction): Promise<void> => {
    const [present, { docs }] = await Promise.all([
      transaction.get(made),
      transaction.get(counts ? among : among.limit(most)),
    ]);
    if (present.exists) throw new AppError(storeErrors.exists);
    if ((counts ? docs.filter(counts) : docs).length >= most)
      throw new AppError(refusal, { detail: `At most ${most}.` });
    fill(transaction);
  };
  const run = () => firestore().runTransaction(decide, { maxAttempts: maxTransactionTries });
  try {
    await cross('firestore.commit', run);
  } catch (error) {
    // What fills the limit may be this very record, made by a repetition of the request while the transaction was reading.
    const isMade = isError(error, refusal) && (await readDocument(made)).exists;
    throw isMade ? new AppError(storeErrors.exists, { cause: error }) : translate(error, 'commit');
  }
  const { updateTime } = await readDocument(made);
  // Somebody has deleted it already.
  if (!updateTime) throw new AppError(storeErrors.conflict);
  return revisionOf(updateTime);
};

let aheadMs = 0;

const noteTime = (time: Timestamp): void => {
  aheadMs = time.toMillis() - Date.now();
};

/**
 * The database's time in milliseconds, by the last answer of a commit, `readDocument` or `readQuery`: what instances with skewed clocks
 * agree on. `readDocuments` and `readAggregate` do not note the time.
 */
export const databaseNow = (): number => Date.now() + aheadMs;

export const databaseTime = (): Date => new Date(databaseNow());

const readUnits = (snapshots: number) => Math.max(1, snapshots);

export const readDocument = async (reference: DocumentReference): Promise<DocumentSnapshot> =>
  translated(async () => {
    const snapshot = await cross('firestore.read', () => within(databaseDeadlineMs, () => reference.get()));
    noteTime(snapshot.readTime);
    return snapshot;
  });

export const readDocuments = async (references: DocumentReference[]): Promise<DocumentSnapshot[]> =>
  references.length === 0
    ? []
    : translated(() =>
        cross(
          'firestore.read',
          () => within(databaseDeadlineMs, () => firestore().getAll(...references)),
          (all) => all.length,
        ),
      );

export const readQuery = async (query: Query): Promise<QueryDocumentSnapshot[]> =>
  translated(async () => {
    const snapshot = await cross(
      'firestore.read',
      () => within(databaseDeadlineMs, () => query.get()),
      (result) => readUnits(result.size),
    );
    noteTime(snapshot.readTime);
    return snapshot.docs;
  });

/**
 * Counts and sums without reading the documents: one read for each thousand that the index holds of them. A sum that is no safe integer
 * is a bigint.
 */
export const readAggregate = async <T extends AggregateSpec>(query: AggregateQuery<T>): Promise<Totals<T>> =>
  translated(() =>
    cross(
      'firestore.read',
      async () => withNumbers((await within(databaseDeadlineMs, () => query.get())).data()) as Totals<T>,
    ),
  );

type Totals<T> = { readonly [K in keyof T]: number | bigint };

/**
 * Calls `onChange` with each new state of the query's result until the returned function is called. A failure, be it of the
 * database or of `onChange`, goes to `onError` and ends the listening.
 */
export const listen = (
  query: Query,
  onChange: (snapshot: QuerySnapshot) => void,
  onError: (error: unknown) => void,
): (() => void) => {
  const fail = (error: unknown) => {
    stop();
    onError(translate(error, 'read'));
  };
  const stop = query.onSnapshot((snapshot) => {
    const change = async () => Promise.resolve(onChange(snapshot));
    cross('firestore.listen', change, () => readUnits(snapshot.docChanges().length)).catch(fail);
  }, fail);
  return stop;
};

/** What a document says, with numbers for its safe integers: the only bigints are those that no number can say. */
export const contentOf = (snapshot: DocumentSnapshot): unknown => withNumbers(snapshot.data());

/**
 * Parses a document that must exist. Throws `store.corrupt` with the failing field when it does not fit, or when it lies under
 * another org than it names: what is done about a record happens under the org in it (C8).
 */
export const parseSnapshot = <S extends z.ZodType>(schema: S, snapshot: DocumentSnapshot): Stored<z.output<S>> => {
  const parsed = schema.safeParse(contentOf(snapshot));
  if (isMisplaced(snapshot)) {
    throw new AppError(storeErrors.corrupt, { detail: `${snapshot.ref.path}: org: is not that of its path` });
  }
  if (!parsed.success || !snapshot.updateTime) {
    const issue = parsed.error?.issues[0];
    throw new AppError(storeErrors.corrupt, {
      detail: `${snapshot.ref.path}: ${issue ? `${issue.path.join('.')}: ${wordsOf(issue)}` : 'missing'}`,
    });
  }
  return { value: parsed.data, revision: revisionOf(snapshot.updateTime) };
};

/** For logs: the name of an unknown field is content of the record. */
const wordsOf = ({ code, message }: z.core.$ZodIssue): string =>
  code === 'unrecognized_keys' ? 'has a field that is not known' : message;

const isMisplaced = (snapshot: DocumentSnapshot): boolean => {
  const [collection, org] = snapshot.ref.path.split('/');
  const named: unknown = collection === 'orgs' ? snapshot.get('org') : undefined;
  return named !== undefined && named !== org;
};

/** Like `parseSnapshot`, but a document that is not there is `undefined`. */
export const parseOptional = <S extends z.ZodType>(
  schema: S,
  snapshot: DocumentSnapshot,
): Stored<z.output<S>> | undefined => (snapshot.exists ? parseSnapshot(schema, snapshot) : undefined);

/**
 * Like `parseSnapshot`, for lists where one record that does not fit must not keep the others from being handled: it is logged, with
 * its path and the failing field, and the list is empty.
 */
export const readable = <S extends z.ZodType>(schema: S, snapshot: DocumentSnapshot): Stored<z.output<S>>[] => {
  try {
    return [parseSnapshot(schema, snapshot)];
  } catch (error) {
    logger.error('A stored record cannot be read', { path: snapshot.ref.path, cause: describeError(error) });
    return [];
  }
};

const translated = async <T>(read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    throw translate(error, 'read');
  }
};

const translate = (error: unknown, operation: Operation): unknown => {
  if (error instanceof AppError) return error;
  if (error instanceof DeadlinePassed) {
    const row = unansweredRow(operation);
    return new AppError(row, { detail: `${row.title}. ${error.message}`, retryAfterSeconds, cause: error });
  }
  const row = rowOf((error as { code?: unknown }).code, operation);
  return row ? new AppError(row, { cause: error }) : error;
};

type Operation = 'commit' | 'read';

const unansweredRow = (operation: Operation): ErrorRow =>
  operation === 'commit' ? storeErrors.outcomeUnknown : storeErrors.unavailable;

// gRPC status numbers: google.rpc.Code.
const rowOf = (code: unknown, operation: Operation): ErrorRow | undefined => {
  const unanswered = unansweredRow(operation);
  const rows = new Map<unknown, ErrorRow | undefined>([
    [1, unanswered], // CANCELLED: by the server, under load
    [2, unanswered], // UNKNOWN
    // INVALID_ARGUMENT: a document or a commit is too large, or holds what the database does not know
    [3, operation === 'commit' ? storeErrors.refused : undefined],
    [4, unanswered], // DEADLINE_EXCEEDED
    [5, storeErrors.conflict], // NOT_FOUND: an update's document is gone, or its revision did not match
    [6, storeErrors.exists], // ALREADY_EXISTS
    [8, storeErrors.unavailable], // RESOURCE_EXHAUSTED
    [9, storeErrors.conflict], // FAILED_PRECONDITION
    [10, storeErrors.conflict], // ABORTED
    [13, unanswered], // INTERNAL
    [14, unanswered], // UNAVAILABLE
  ]);
  return rows.get(code);
};
