// What the emulator suites share. They run side by side against the same emulators: each suite has a project of its own (suite.ts)
// and works in orgs that `randomOrg` makes, and clears nothing.
import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import type { DocumentReference, Firestore, WriteBatch } from 'firebase-admin/firestore';
import { stopWatching } from '../../src/coordination/cancellations.firestore.ts';
import { orgId, type OrgId } from '../../src/platform/schemas.ts';
import type { CrossingKind, CrossingObserver } from '../../src/platform/crossings.ts';
import { firestore } from '../../src/platform/firestore.ts';

/** An org that nobody else uses. */
export const randomOrg = (): OrgId => orgId.parse(`org-${randomBytes(8).toString('hex')}`);

const cleanups: (() => Promise<void>)[] = [];

/** Jest runs its hooks in the order in which they are defined: what uses the database ends before it is closed. */
export const beforeDatabaseCloses = (cleanup: () => Promise<void>): void => void cleanups.push(cleanup);

/** The database as the service sees it, closed when the suite ends so that its worker can exit. Call it once, at the top. */
export const serviceDatabase = (): Firestore => {
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup();
    stopWatching();
    await firestore().terminate();
  });
  return firestore();
};

/** Puts so many records that fit no schema into a collection of one org; resolves with what takes them away again. */
export const putUnreadable = async (
  collection: string,
  count: number,
  fields: object,
): Promise<() => Promise<unknown>> => {
  const all = firestore().collection(`orgs/${randomOrg()}/${collection}`);
  const records = Array.from({ length: count }, (_, index) => all.doc(`unreadable-${String(index).padStart(4, '0')}`));
  const together = (write: (batch: WriteBatch, record: DocumentReference) => unknown) => {
    const batch = firestore().batch();
    for (const record of records) write(batch, record);
    return batch.commit();
  };
  await together((batch, record) => batch.create(record, fields));
  return () => together((batch, record) => batch.delete(record));
};

/** Sees every effect outside of this process from now on, instead of the last observer. */
export const observe = (observer: CrossingObserver | undefined): void => {
  (globalThis as Record<symbol, unknown>)[Symbol.for('backend-coordinator.crossings')] = observer;
};

/** Has the next effect of that kind fail with that status of gRPC: without one, as one that the database had no time for. */
export const failNext = (kind: CrossingKind, code = 14): void => {
  observe({
    before: (next) => {
      if (next !== kind) return;
      observe(undefined);
      throw Object.assign(new Error('busy'), { code });
    },
    after: () => undefined,
  });
};

/** Has something else happen, once, before the `nth` effect of that kind from now on, which waits for it. */
export const justBefore = (kind: CrossingKind, nth: number, happens: () => Promise<unknown>): void => {
  let met = 0;
  observe({
    before: (next) => {
      if (next !== kind || ++met < nth) return undefined;
      observe(undefined);
      return happens();
    },
    after: () => undefined,
  });
};

/** Has every effect of that kind fail before it is made, until somebody else observes. */
export const refuse = (kind: CrossingKind): void =>
  observe({
    before: (next) => {
      if (next === kind) throw new Error('refused by the test');
    },
    after: () => undefined,
  });
