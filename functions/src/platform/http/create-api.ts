// Puts the doors in front of the routes of the domains. Every request passes them in this order: id, log, headers, CORS,
// identity, rate limit, query; then those of its route: role, body, schema.
import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { cors } from 'hono/cors';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import type { ApiEnv } from './env.ts';
import { identify } from './identity.ts';
import { answerUnrouted } from './methods.ts';
import { answerProblem } from './problem.ts';
import { rateLimit } from './rate-limit.ts';
import { registeredRoute } from './registry.ts';
import { requestLog, type RequestLog } from './request-log.ts';
import { storableQuery } from './storable-query.ts';
import { validationHook } from './validation.ts';

export interface ApiOptions {
  /** For each user, or address when no user is known; per instance. */
  readonly requestsPerMinute: number;
  /** Origins whose pages may call the API from a browser; none: same origin only. */
  readonly corsOrigins: readonly string[];
  readonly onAnswered: RequestLog['onAnswered'];
}

// Answers belong to one caller: no cache may keep them.
const noStore = createMiddleware<ApiEnv>(async (c, next) => {
  c.header('Cache-Control', 'no-store');
  await next();
});

// Those that make sense for JSON; the rest of the defaults is for pages.
const headersOfAnApi = {
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: 'DENY',
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

const exposeHeaders = [
  'X-Request-Id',
  'Location',
  'ETag',
  'Idempotent-Replayed',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
];

/** An API with all doors and no routes; `mount` adds those before the answers to what no route takes. */
export const createApi = <T extends OpenAPIHono<ApiEnv>>(
  { requestsPerMinute, corsOrigins, onAnswered }: ApiOptions,
  mount: (api: OpenAPIHono<ApiEnv>) => T,
): T => {
  const api: OpenAPIHono<ApiEnv> = new OpenAPIHono<ApiEnv>({ defaultHook: validationHook(() => api) });
  api.onError(answerProblem);
  api.use(
    requestId({ limitLength: 128 }),
    requestLog({ operationOf: (c) => registeredRoute(api, c)?.operationId ?? 'unrouted', onAnswered }),
    secureHeaders(headersOfAnApi),
    noStore,
  );
  if (corsOrigins.length > 0) api.use(cors({ origin: [...corsOrigins], exposeHeaders }));
  api.use(identify, rateLimit(requestsPerMinute), storableQuery);
  const mounted = mount(api);
  api.notFound(answerUnrouted(mounted));
  return mounted;
};
