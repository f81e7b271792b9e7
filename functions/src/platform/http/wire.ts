/** A value as JSON carries it: times as ISO strings, integers beyond 2^53 as decimal strings. */
export type Wire<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends Date | bigint
    ? string
    : T extends readonly (infer U)[]
      ? Wire<U>[]
      : { [K in keyof T]: Wire<T[K]> };

/** Turns a record into what JSON can carry. */
export const wire = <T>(value: T): Wire<T> => convert(value) as Wire<T>;

const convert = (value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, convert(field)]));
};
