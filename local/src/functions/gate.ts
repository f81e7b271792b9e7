/** Lets at most `limit()` callers through at a time, the others in order of arrival. */
export interface Gate {
  readonly pass: <T>(work: () => Promise<T>) => Promise<T>;
}

/** `limit` is asked again whenever someone arrives or leaves, so it may change. */
export const makeGate = (limit: () => number): Gate => {
  const waiting: (() => void)[] = [];
  let inside = 0;
  const admit = () => {
    while (inside < limit()) {
      const next = waiting.shift();
      if (!next) return;
      inside += 1;
      next();
    }
  };
  return {
    pass: async (work) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        admit();
      });
      try {
        return await work();
      } finally {
        inside -= 1;
        admit();
      }
    },
  };
};
