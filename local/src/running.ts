// What runs, so that it can be stopped: all of it, whatever failed meanwhile.

export interface Running {
  /** Waits for a part that starts; once started, it is stopped by `stopAll`. Rejects as the start does. */
  add<T>(starting: Promise<T>, stop: (part: T) => Promise<void>): Promise<T>;
  /** Waits for parts that still start, then stops all of them, latest first. */
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
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
};
