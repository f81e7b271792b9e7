import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../platform/http/env.ts';
import { scheduleActionRoutes } from './http/schedule-actions.ts';
import { scheduleRoutes } from './http/schedules.ts';

/** The operations on schedules and what they have run. */
export const schedulingRoutes = () =>
  new OpenAPIHono<ApiEnv>().route('/', scheduleRoutes()).route('/', scheduleActionRoutes());
