// How long to wait before a failed delivery is attempted again. Pure.

const firstMs = 60_000;

/** Also the longest that a receiver may put us off. */
export const maxWaitMs = 4 * 60 * 60 * 1_000;

/**
 * Milliseconds until the next attempt. Exponential back-off with full jitter: anything from nothing to a bound that doubles with each of the `tries` so far, so that
 * receivers which fail together are not asked again together. `random` is from 0 to 1. A longer `Retry-After` is respected, up to
 * the longest wait.
 */
export const waitMs = (tries: number, random: number, retryAfterMs = 0): number => {
  const bound = Math.min(maxWaitMs, firstMs * 2 ** (tries - 1));
  return Math.max(Math.floor(random * bound), Math.min(retryAfterMs, maxWaitMs));
};
