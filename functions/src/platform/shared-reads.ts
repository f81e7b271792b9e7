/** Reads by key that are shared: by those who ask while one is under way, and by those who ask within `keepMs` after it began. */
export interface SharedReads<K, V> {
  readonly read: (key: K, now: Date) => Promise<V>;
  /** The next read looks again. */
  readonly forget: (key: K) => void;
}

/** A failed read is not kept. Beyond `maxKeys` the oldest reads are forgotten. */
export const sharedReads = <K, V>(
  load: (key: K) => Promise<V>,
  { keepMs, maxKeys }: { keepMs: number; maxKeys: number },
): SharedReads<K, V> => {
  const reads = new Map<K, { readonly at: number; readonly value: Promise<V> }>();
  const start = (key: K, at: number): Promise<V> => {
    const begun = { at, value: load(key) };
    // Deleted first, so that the map is in the order of reading.
    reads.delete(key);
    reads.set(key, begun);
    begun.value.catch(() => {
      if (reads.get(key) === begun) reads.delete(key);
    });
    const [oldest] = reads.keys();
    if (reads.size > maxKeys && oldest !== undefined) reads.delete(oldest);
    return begun.value;
  };
  return {
    read: (key, now) => {
      const kept = reads.get(key);
      return kept && now.getTime() - kept.at < keepMs ? kept.value : start(key, now.getTime());
    },
    forget: (key) => void reads.delete(key),
  };
};
