import { boundedMs, retryAfterMs as readRetryAfter } from '../platform/retry-after.ts';

interface HeaderReader {
  get(name: string): string | null;
}

/** Milliseconds that a provider asks us to wait by `Retry-After`, or `undefined` when it does not. */
export const retryAfterMs = (headers: HeaderReader): number | undefined =>
  readRetryAfter({ 'retry-after': headers.get('retry-after') ?? undefined, date: headers.get('date') ?? undefined });

/** Milliseconds of a protobuf Duration in JSON, such as `34.5s`. */
export const durationMs = (duration: string): number | undefined => {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(duration)?.[1];
  return seconds === undefined ? undefined : boundedMs(Number(seconds) * 1_000);
};
