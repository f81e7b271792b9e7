// How a cancel reaches runs on other instances (C6): a document per cancelled task, and one listener per working instance.
import { FieldValue, type WriteBatch } from 'firebase-admin/firestore';
import { databaseNow, firestore, listen, readQuery } from '../platform/firestore.ts';
import type { TaskId } from './schemas.ts';
import type { OrgId } from '../platform/schemas.ts';

const keepMs = 60 * 60 * 1_000;
/** Looks back further than any claim takes, so that no cancel falls between a claim and the listener. */
const lookBackMs = 2 * 60 * 1_000;
/** The listener outlives its last run a little, or a busy instance would open one per assignment. */
const idleMs = 10_000;

const cancellations = () => firestore().collection('cancellations');

/** Puts the signal into the commit that ends the task. */
export const writeCancellation = (batch: WriteBatch, org: OrgId, task: TaskId, now: Date): void => {
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
let stopListening: (() => void) | undefined;
let idleTimer: NodeJS.Timeout | undefined;

/** Aborts `controller` when the task is cancelled on any instance; the returned function stops watching. */
export const abortOnCancel = (org: OrgId, task: TaskId, controller: AbortController): (() => void) => {
  const key = `${org}.${task}`;
  const controllers = watched.get(key) ?? new Set();
  watched.set(key, controllers.add(controller));
  clearTimeout(idleTimer);
  stopListening ??= startListening();
  if (cancelled.has(key)) controller.abort();
  return () => {
    controllers.delete(controller);
    if (controllers.size === 0 && watched.get(key) === controllers) watched.delete(key);
    if (watched.size === 0) idleTimer = setTimeout(stopIfIdle, idleMs).unref();
  };
};

const stopIfIdle = (): void => {
  if (watched.size === 0) stopWatching();
};

/** Closes the listener now: a client that shuts down in order must have none left. */
export const stopWatching = (): void => {
  clearTimeout(idleTimer);
  stopListening?.();
  stopListening = undefined;
};

const startListening = (): (() => void) => {
  const recent = cancellations().where('at', '>=', new Date(databaseNow() - lookBackMs));
  let listening = false;
  cancelled.clear();
  return listen(
    recent,
    (snapshot) => {
      abortAll(snapshot.docChanges().map(({ doc }) => doc));
      // The emulator loses some writes that land while a listener registers, so what is there is read once it stands.
      if (!listening) void readQuery(recent).then(abortAll, () => undefined);
      listening = true;
    },
    () => {
      // The SDK gave the listener up; the next run opens another.
      stopListening = undefined;
    },
  );
};

const abortAll = (found: readonly { id: string }[]): void => {
  for (const { id } of found) {
    cancelled.add(id);
    for (const controller of watched.get(id) ?? []) controller.abort();
  }
};
