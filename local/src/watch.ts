import { watch } from 'node:fs';

/** Editors write a file in several steps, and one change of branch touches many. */
const settleMs = 100;

/**
 * Calls `onChange` once files below `directory` changed and came to rest; one call after the other, never two at a time.
 * `onChange` must not reject. Returns how to stop.
 */
export const watchSources = (directory: string, onChange: () => Promise<void>): (() => void) => {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const watcher = watch(directory, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(onChange);
    }, settleMs);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
};
