// When a server wants to be asked again (RFC 9110, 10.2.3).

const longestMs = 365 * 24 * 60 * 60 * 1_000;

/** A wait that a server asked for, at most a year: a time that is farther away is none that we could keep. */
export const boundedMs = (milliseconds: number): number => Math.min(longestMs, Math.max(0, Math.ceil(milliseconds)));

/**
 * Milliseconds to wait by `Retry-After`, or `undefined` when it is absent or unreadable. A date counts from the answer's own
 * `Date`, so that no clock of ours is involved.
 */
export const retryAfterMs = (headers: {
  readonly 'retry-after'?: string | undefined;
  readonly date?: string | undefined;
}): number | undefined => {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const milliseconds = /^\d+(\.\d+)?$/.test(value)
    ? Number(value) * 1_000
    : httpDate(value) - httpDate(headers.date ?? '');
  return Number.isNaN(milliseconds) ? undefined : boundedMs(milliseconds);
};

// `Date.parse` alone would read almost anything as a date.
const httpDate = (text: string) => (text.endsWith(' GMT') ? Date.parse(text) : Number.NaN);
