// What runs, so that it can be stopped: all of it, whatever failed meanwhile.

export interface Running {
  /** Remembers a part that starts, to be stopped by `stopAll`; resolves or rejects as its start does. */
  add<T>(starting: Promise<T>, stop: (part: T) => Promise<void>): Promise<T>;
  /** Stops what was added first, as it uses the others; then the others. Waits for those that are still starting. */
  stopAll(): Promise<void>;
}

export const makeRunning = (): Running => {
  const stops: (() => Promise<void>)[] = [];
  return {
    add: (starting, stop) => {
      stops.push(async () => {
        const [part] = await Promise.allSettled([starting]);
        if (part.status === 'fulfilled') await stop(part.value);
      });
      return starting;
    },
    stopAll: async () => {
      const [first, ...others] = stops.splice(0);
      await first?.();
      await Promise.all(others.map(async (stop) => stop()));
    },
  };
};
