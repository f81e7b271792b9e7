// The HTTP API: the routes of the domains behind the doors of `platform/http`, and its OpenAPI document, generated from the same
// schemas that check the requests.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { securityScheme } from './api-description.ts';
import { allowedOrigins, apiTimeoutSeconds, requestsPerMinute } from './config.ts';
import { agentRoutes } from './agents/routes.ts';
import { followProgress, gatesOf, getTask, listAssignments, standingOf } from './coordination/index.ts';
import { communicationRoutes } from './communication/routes.ts';
import { coordinationRoutes } from './coordination/routes.ts';
import { noteAnswer } from './governance/index.ts';
import { governanceRoutes, type TaskSource } from './governance/routes.ts';
import { databaseTime } from './platform/firestore.ts';
import { describeApi } from './openapi-document.ts';
import { createApi, type ApiOptions } from './platform/http/create-api.ts';
import { metaRoutes } from './platform/http/meta.ts';
import { lazy } from './platform/lazy.ts';
import { schedulingRoutes } from './scheduling/routes.ts';
import { scratchpadRoutes } from './scratchpads/routes.ts';

// An event stream must end before the platform cuts it.
const streamMs = (apiTimeoutSeconds - 10) * 1_000;

const maxNotingMs = 2_000;

const defaults: ApiOptions & { streamMs: number } = {
  requestsPerMinute: 600,
  corsOrigins: [],
  onAnswered: async ({ org, operation, status }) => {
    const failed = status >= 500;
    const noted = noteAnswer({ org, operation, failed }, databaseTime());
    // It does not wait for long, as it may be the database that is out.
    if (noted) await Promise.race([noted, pause(maxNotingMs, undefined, { ref: false })]);
  },
  streamMs,
};

/** What governance must know of tasks, without knowing their domain. */
const taskSource: TaskSource = {
  requireTask: getTask,
  standingOf,
  gatesOf: async (org, id, now) => {
    const [task, assignments] = await Promise.all([getTask(org, id), listAssignments(org, id)]);
    return (await gatesOf(task, assignments, { now, everyWaiver: true })).verdicts;
  },
};

/** The whole API, ready to be called. */
export const makeApi = (options: Partial<typeof defaults> = {}) => {
  const resolved = { ...defaults, ...options };
  return createApi(resolved, (api) => {
    api.openAPIRegistry.registerComponent('securitySchemes', 'firebase', securityScheme);
    const routes = api
      .route('/', coordinationRoutes(resolved))
      .route('/', agentRoutes())
      .route('/', scratchpadRoutes({ ...resolved, followProgress }))
      .route('/', schedulingRoutes())
      .route('/', communicationRoutes())
      .route('/', governanceRoutes(taskSource));
    return routes.route('/', metaRoutes(lazy(() => describeApi(routes))));
  });
};

/** What a typed client knows of the API. */
export type Routes = ReturnType<typeof makeApi>;

const listener = lazy(() => {
  const api = makeApi({
    requestsPerMinute: requestsPerMinute.value(),
    corsOrigins: allowedOrigins(),
  });
  return getRequestListener(api.fetch, { overrideGlobalObjects: false });
});

/** Serves the API from a function. The app is built by the first request. */
export const handleRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  await listener()(request, response);
};
