import { setTimeout as pause } from 'node:timers/promises';

/** A job of that key that begins after the call, and what it comes to. */
export type Coalesced<V> = (key: string, job: () => Promise<V>) => Promise<V>;

interface Turn<V> {
  readonly over: Promise<unknown>;
  next: Promise<V> | undefined;
}

/**
 * One look for all who want to know the same at the same time: while a job of a key is under way, all who come share the next one. So
 * none gets an answer that is older than the question. Who shares a job shares its failure. The next begins `gapMs` after the one
 * before it, so that a crowd makes no more work than its time.
 */
export const coalesced = <V>(gapMs = 0): Coalesced<V> => {
  const turns = new Map<string, Turn<V>>();
  const begin = (key: string, job: () => Promise<V>): Promise<V> => {
    const result = job();
    const turn: Turn<V> = { over: Promise.allSettled([result]), next: undefined };
    turns.set(key, turn);
    void turn.over.then(() => {
      if (!turn.next) turns.delete(key);
    });
    return result;
  };
  const beginAfter = async (over: Promise<unknown>, key: string, job: () => Promise<V>): Promise<V> => {
    await over;
    if (gapMs > 0) await pause(gapMs);
    return begin(key, job);
  };
  return (key, job) => {
    const turn = turns.get(key);
    if (!turn) return begin(key, job);
    turn.next ??= beginAfter(turn.over, key, job);
    return turn.next;
  };
};
