// When a server wants to be asked again (RFC 9110, 10.2.3).

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
  return Number.isFinite(milliseconds) ? Math.max(0, Math.ceil(milliseconds)) : undefined;
};

// `Date.parse` alone would read almost anything as a date.
const httpDate = (text: string) => (text.endsWith(' GMT') ? Date.parse(text) : Number.NaN);
