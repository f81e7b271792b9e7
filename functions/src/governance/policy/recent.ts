/** Remembers what `load` gave for a key, for a while and for so many keys; a failure is not remembered. */
export interface Recent<K, V> {
  readonly get: (key: K, nowMs: number) => Promise<V>;
  readonly forget: (key: K) => void;
}

/** Callers that ask for a key at the same time share one load. Beyond `maxKeys` the key loaded longest ago is forgotten. */
export const recent = <K, V>(
  load: (key: K) => Promise<V>,
  { maxAgeMs, maxKeys }: { maxAgeMs: number; maxKeys: number },
): Recent<K, V> => {
  const known = new Map<K, { readonly value: Promise<V>; readonly loadedAtMs: number }>();

  const refresh = (key: K, nowMs: number): Promise<V> => {
    const entry = { value: load(key), loadedAtMs: nowMs };
    // Deleted first, so that the map is in the order of loading.
    known.delete(key);
    known.set(key, entry);
    const [oldest] = known.keys();
    if (known.size > maxKeys && oldest !== undefined) known.delete(oldest);
    entry.value.catch(() => {
      if (known.get(key) === entry) known.delete(key);
    });
    return entry.value;
  };

  return {
    get: (key, nowMs) => {
      const entry = known.get(key);
      return entry && nowMs - entry.loadedAtMs < maxAgeMs ? entry.value : refresh(key, nowMs);
    },
    forget: (key) => void known.delete(key),
  };
};
