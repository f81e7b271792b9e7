import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../platform/http/env.ts';
import { controlRoutes } from './http/control.ts';
import { deadLetterRoutes } from './http/dead-letters.ts';
import { effectRoutes } from './http/effects.ts';
import { eventRoutes } from './http/events.ts';
import { externalWorkRoutes } from './http/external-work.ts';
import { reportRoutes } from './http/reports.ts';
import { taskRoutes } from './http/tasks.ts';
import { workRoutes } from './http/work.ts';

/** The operations on tasks, their work, their events and dead letters. `streamMs`: how long an event stream stays open. */
export const coordinationRoutes = (options: { streamMs: number }) =>
  new OpenAPIHono<ApiEnv>()
    .route('/', taskRoutes())
    .route('/', controlRoutes())
    .route('/', workRoutes())
    .route('/', effectRoutes())
    .route('/', reportRoutes())
    .route('/', externalWorkRoutes())
    .route('/', eventRoutes(options))
    .route('/', deadLetterRoutes());
