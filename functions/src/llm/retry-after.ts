// When a provider wants to be asked again (RFC 9110, 10.2.3).

interface HeaderReader {
  get(name: string): string | null;
}

/**
 * Milliseconds to wait by `Retry-After`, or `undefined` when it is absent or unreadable. A date counts from the answer's own
 * `Date`, so that no clock of ours is involved.
 */
export const retryAfterMs = (headers: HeaderReader): number | undefined => {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const milliseconds = /^\d+(\.\d+)?$/.test(value)
    ? Number(value) * 1000
    : httpDate(value) - httpDate(headers.get('date') ?? '');
  return Number.isFinite(milliseconds) ? Math.max(0, Math.ceil(milliseconds)) : undefined;
};

// `Date.parse` alone would read almost anything as a date.
const httpDate = (text: string) => (text.endsWith(' GMT') ? Date.parse(text) : Number.NaN);

/** Milliseconds of a protobuf Duration in JSON, such as `34.5s`. */
export const durationMs = (duration: string): number | undefined => {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(duration)?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
};
