// A budget of requests per minute for each user, or for each address when no user is known. It is kept in memory, so it
// holds per instance: it stops a runaway client, it is no quota.
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../errors.ts';
import type { ApiEnv } from './env.ts';
import { httpErrors } from './errors.ts';

const windowSeconds = 60;

/** Throws http.too_many_requests once the budget is spent; every answer carries `RateLimit-*`. */
export const rateLimit = (requestsPerMinute: number) => {
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: windowSeconds });
  return createMiddleware<ApiEnv>(async (c, next) => {
    const state = await consume(limiter, keyOf(c));
    const resetSeconds = Math.ceil(state.msBeforeNext / 1_000);
    c.header('RateLimit-Limit', String(requestsPerMinute));
    c.header('RateLimit-Remaining', String(Math.max(0, state.remainingPoints)));
    c.header('RateLimit-Reset', String(resetSeconds));
    if (state.consumedPoints > requestsPerMinute) {
      throw new AppError(httpErrors.tooManyRequests, {
        detail: `The limit is ${requestsPerMinute} requests per minute.`,
        retryAfterSeconds: Math.max(1, resetSeconds),
      });
    }
    await next();
  });
};

/** The limiter rejects with its state when the budget is spent, and with an Error when it is broken. */
const consume = async (limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes> => {
  try {
    return await limiter.consume(key);
  } catch (rejection) {
    if (rejection instanceof RateLimiterRes) return rejection;
    throw rejection;
  }
};

const keyOf = (c: Context<ApiEnv>): string => {
  const identity = c.get('identity');
  return 'caller' in identity ? `user:${identity.caller.org}/${identity.caller.uid}` : `address:${addressOf(c)}`;
};

// Google's front end appends the address it saw; whatever stands before that was written by the client.
const addressOf = (c: Context<ApiEnv>): string =>
  c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? c.env?.incoming?.socket.remoteAddress ?? 'unknown';
