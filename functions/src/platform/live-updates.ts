import { lazy } from './lazy.ts';

/**
 * What is listened to is read once the listener stands, and then this often: the emulator loses some writes that land while a listener
 * registers, and no reader should have to wait for ever on the word of one.
 */
const rereadMs = 15_000;

export interface Source<T> {
  readonly signal: AbortSignal;
  /** Calls `bring` at once and with each change until the returned function is called. */
  readonly listen: (bring: (update: T) => void, fail: (error: unknown) => void) => () => void;
  /** What may be missing from what the listener has brought. */
  readonly read: () => Promise<T>;
  /** Two updates as one, no larger than one may be: what is brought while another is handled waits as a single update. */
  readonly join: (earlier: T, later: T) => T;
}

/** What waits to be handled: one update at most, or the failure that ended the source. */
const inboxOf = <T>(join: Source<T>['join']) => {
  let waiting: { readonly update: T } | undefined;
  let failure: { readonly error: unknown } | undefined;
  let changed = Promise.withResolvers<undefined>();
  const tell = () => {
    changed.resolve(undefined);
    changed = Promise.withResolvers();
  };
  return {
    bring: (update: T): void => {
      waiting = { update: waiting ? join(waiting.update, update) : update };
      tell();
    },
    fail: (error: unknown): void => {
      failure ??= { error };
      tell();
    },
    /** The update that waits, or the next one. Throws the failure of the source, and when the signal aborts. */
    next: async (signal: AbortSignal): Promise<T> => {
      signal.addEventListener('abort', tell, { once: true });
      try {
        while (!waiting && !failure && !signal.aborted) await changed.promise;
      } finally {
        signal.removeEventListener('abort', tell);
      }
      signal.throwIfAborted();
      if (!waiting) throw failure?.error;
      const { update } = waiting;
      waiting = undefined;
      return update;
    },
  };
};

/**
 * Hands over what the source brings, one update after another, joined while they wait, until `handle` says that it has seen enough or
 * the signal aborts: then no failure is told any more, as nobody is there to hear of it.
 */
export const eachUpdate = async <T>(
  { signal, listen, read, join }: Source<T>,
  handle: (update: T) => Promise<'enough' | undefined>,
): Promise<void> => {
  const inbox = inboxOf(join);
  const { bring, fail } = inbox;
  const readAgain = () => void read().then(bring).catch(fail);
  const readOnceStanding = lazy(readAgain);
  const stop = listen((update) => {
    bring(update);
    readOnceStanding();
  }, fail);
  const timer = setInterval(readAgain, rereadMs);
  try {
    for (;;) if ((await handle(await inbox.next(signal))) === 'enough') break;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    stop();
  }
};
