/** Makes a value on first use and keeps it: nothing that a cold start does not need is built at load time. */
export const lazy = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** Like `lazy`, a value for each key. Meant for few keys: nothing is ever forgotten. */
export const lazyBy = <K, T>(make: (key: K) => T): ((key: K) => T) => {
  const made = new Map<K, () => T>();
  return (key) => {
    const value = made.get(key) ?? lazy(() => make(key));
    made.set(key, value);
    return value();
  };
};
