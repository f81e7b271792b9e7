// One wide record for each request, written when its answer has ended.
import { debug, error as logError, info, warn } from 'firebase-functions/logger';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError, describeError } from '../errors.ts';
import type { OrgId } from '../schemas.ts';
import type { ApiEnv } from './env.ts';

export interface Answered {
  readonly org: OrgId;
  readonly operation: string;
  readonly status: number;
}

/** A request that has no answer for so long is counted as one that failed, and its answer not once more. A claim waits for 20 seconds. */
const unansweredMs = 40_000;
/** Stands for an answer that did not come. */
const noAnswer = 599;

export interface RequestLog {
  /** Names the operation that answered. */
  readonly operationOf: (c: Context<ApiEnv>) => string;
  /** Told of each answer to a caller whom we know, before it goes out: an instance without requests may get no time to do it after. */
  readonly onAnswered: (answered: Answered) => Promise<void>;
}

/** Logs the request. No bodies, no tokens. */
export const requestLog = ({ operationOf, onAnswered }: RequestLog) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    const startedAt = performance.now();
    const tell = async (status: number) => {
      const identity = c.get('identity') as ApiEnv['Variables']['identity'] | undefined;
      if (identity && 'caller' in identity) {
        await onAnswered({ org: identity.caller.org, operation: operationOf(c), status });
      }
    };
    const overdue = new AbortController();
    const timer = setTimeout(() => {
      overdue.abort();
      void tell(noAnswer);
    }, unansweredMs).unref();
    await next();
    clearTimeout(timer);
    if (!overdue.signal.aborted) await tell(c.res.status);
    const write = (events?: number) =>
      logAt(c)('request', record(c, operationOf(c), performance.now() - startedAt, events));
    const stream = c.get('stream') as Promise<number> | undefined;
    if (stream) void stream.then(write);
    else write();
  });

const record = (c: Context<ApiEnv>, operation: string, ms: number, events: number | undefined) => {
  const identity = c.get('identity') as ApiEnv['Variables']['identity'] | undefined;
  return {
    operation,
    method: c.req.method,
    status: c.res.status,
    requestId: c.get('requestId'),
    ms: Math.round(ms * 10) / 10,
    ...(identity && 'caller' in identity && { org: identity.caller.org, role: identity.caller.role }),
    ...(events !== undefined && { events }),
    ...failureFields(c.get('failure')),
  };
};

const failureFields = (failure: unknown) => {
  if (failure === undefined) return {};
  if (!(failure instanceof AppError)) return { code: 'platform.internal', cause: describeError(failure) };
  return {
    code: failure.code,
    ...failure.context,
    ...(failure.row.status >= 500 && { cause: describeError(failure) }),
  };
};

// `error` is for what a human should look at: a 503 heals by itself, a refusal is the caller's affair.
const logAt = (c: Context<ApiEnv>) => {
  if (c.res.status === 503) return warn;
  if (c.res.status >= 500) return logError;
  return c.req.path === '/healthz' ? debug : info;
};
