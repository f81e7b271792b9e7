const batchSize = 100;

/**
 * Handles what is due, in batches, until none is left. `maxBatches` ends a sweep that makes no progress, or would outlast its
 * function: the next one goes on.
 */
export const inDueBatches = async <T>(
  read: (limit: number) => Promise<readonly T[]>,
  handle: (each: T) => Promise<void>,
  maxBatches = 50,
): Promise<void> => {
  for (let batch = 0; batch < maxBatches; batch++) {
    const due = await read(batchSize);
    await Promise.all(due.map(handle));
    if (due.length < batchSize) return;
  }
};
