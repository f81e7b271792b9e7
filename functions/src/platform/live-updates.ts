import { EventEmitter, on } from 'node:events';
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
}

/**
 * Hands over what the source brings, one update after another, until `handle` says that it has seen enough or the signal aborts: then
 * no failure is told any more, as nobody is there to hear of it.
 */
export const eachUpdate = async <T>(
  { signal, listen, read }: Source<T>,
  handle: (update: T) => Promise<'enough' | undefined>,
): Promise<void> => {
  const inbox = new EventEmitter();
  const updates = on(inbox, 'update', { signal }) as AsyncIterable<[T]>;
  const bring = (update: T) => inbox.emit('update', update);
  // A late failure has nobody to tell once the reader is gone.
  const fail = (error: unknown) => inbox.listenerCount('error') > 0 && inbox.emit('error', error);
  const readAgain = () => void read().then(bring).catch(fail);
  const readOnceStanding = lazy(readAgain);
  const stop = listen((update) => {
    bring(update);
    readOnceStanding();
  }, fail);
  const timer = setInterval(readAgain, rereadMs);
  try {
    for await (const [update] of updates) if ((await handle(update)) === 'enough') break;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    stop();
  }
};
