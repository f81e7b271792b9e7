/** Does the work for each, so many at the same time, and resolves with what it came to, in their order. The first failure is thrown. */
export const eachOf = async <S, T>(all: readonly S[], atOnce: number, work: (each: S) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  const rest = all.entries();
  const workThrough = async (): Promise<void> => {
    for (const [index, each] of rest) results[index] = await work(each);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, workThrough));
  return results;
};
