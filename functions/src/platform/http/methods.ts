// Tells "no such path" from "a path without that method".
import type { Context, Hono } from 'hono';
import { AppError } from '../errors.ts';
import type { ApiEnv } from './env.ts';
import { httpErrors } from './errors.ts';
import { answerProblem } from './problem.ts';

/** Answers what no route took: OPTIONS with the allowed methods, a wrong method with 405 and `Allow`, the rest with 404. */
export const answerUnrouted = (api: Hono<ApiEnv>) => {
  const routes = api.routes.filter(({ method }) => method !== 'ALL');
  const patterns = routes.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
  }));
  return (c: Context<ApiEnv>): Response => {
    const allowed = patterns.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method);
    if (allowed.length === 0) return answerProblem(new AppError(httpErrors.routeNotFound), c);
    const allow = [...new Set([...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].join(', ');
    c.header('Allow', allow);
    if (c.req.method === 'OPTIONS') return c.body(null, 204);
    return answerProblem(new AppError(httpErrors.methodNotAllowed, { detail: `The path knows: ${allow}.` }), c);
  };
};
