/** Makes a value on first use and keeps it: nothing that a cold start does not need is built at load time. */
export const lazy = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};
