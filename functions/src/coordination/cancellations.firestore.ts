// How a cancel reaches runs on other instances (C6): a document per cancelled task, and one listener per working instance.
import { FieldValue } from 'firebase-admin/firestore';
import { databaseNow, firestore, listen, readQuery, type Batch } from '../platform/firestore.ts';
import type { TaskId } from './schemas.ts';
import type { OrgId } from '../platform/schemas.ts';

const keepMs = 60 * 60 * 1_000;
/** Looks back further than any claim takes, so that no cancel falls between a claim and the listener. */
const lookBackMs = 2 * 60 * 1_000;
/** The listener outlives its last run a little, or a busy instance would open one per assignment. */
const idleMs = 10_000;
/** A listener that cannot be set up holds nobody up for longer. */
const longestStartMs = 5_000;

const cancellations = () => firestore().collection('cancellations');

/** Puts the signal into the commit that ends the task. */
export const writeCancellation = (batch: Batch, org: OrgId, task: TaskId, now: Date): void => {
  batch.set(cancellations().doc(`${org}.${task}`), {
    org,
    task,
    at: FieldValue.serverTimestamp(),
    expiresAt: new Date(now.getTime() + keepMs),
  });
};

const watched = new Map<string, Set<AbortController>>();
/** What the listener has brought so far: a cancel may be there before the run that it is for. */
const cancelled = new Set<string>();
let listening: Watch | undefined;
let idleTimer: NodeJS.Timeout | undefined;

export interface Watch {
  /** Resolves when what was cancelled before is known too: what is begun then is not begun for a task that is over (C6). */
  readonly begun: Promise<void>;
  stop(): void;
}

/** Aborts `controller` when the task is cancelled on any instance. */
export const abortOnCancel = (org: OrgId, task: TaskId, controller: AbortController): Watch => {
  const key = `${org}.${task}`;
  const controllers = watched.get(key) ?? new Set();
  watched.set(key, controllers.add(controller));
  clearTimeout(idleTimer);
  listening ??= startListening();
  if (cancelled.has(key)) controller.abort();
  return {
    begun: listening.begun,
    stop: () => {
      controllers.delete(controller);
      if (controllers.size === 0 && watched.get(key) === controllers) watched.delete(key);
      if (watched.size === 0) idleTimer = setTimeout(stopIfIdle, idleMs).unref();
    },
  };
};

const stopIfIdle = (): void => {
  if (watched.size === 0) stopWatching();
};

/** Closes the listener now: a client that shuts down in order must have none left. */
export const stopWatching = (): void => {
  clearTimeout(idleTimer);
  listening?.stop();
  listening = undefined;
};

const startListening = (): Watch => {
  const recent = cancellations().where('at', '>=', new Date(databaseNow() - lookBackMs));
  const { promise: begun, resolve } = Promise.withResolvers<undefined>();
  let isFirst = true;
  cancelled.clear();
  setTimeout(() => resolve(undefined), longestStartMs).unref();
  const stop = listen(
    recent,
    (snapshot) => {
      abortAll(snapshot.docChanges().map(({ doc }) => doc));
      // The emulator loses some writes that land while a listener registers, so what is there is read once it stands.
      if (isFirst) void readQuery(recent).then(abortAll, () => undefined);
      isFirst = false;
      resolve(undefined);
    },
    () => {
      // The SDK gave the listener up; the next run opens another.
      listening = undefined;
      resolve(undefined);
    },
  );
  return { begun, stop };
};

const abortAll = (found: readonly { id: string }[]): void => {
  for (const { id } of found) {
    cancelled.add(id);
    for (const controller of watched.get(id) ?? []) controller.abort();
  }
};
