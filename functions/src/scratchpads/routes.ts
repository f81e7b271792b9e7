import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../platform/http/env.ts';
import { padEventRoutes, type PadEventOptions } from './http/events.ts';
import { historyRoutes } from './http/history.ts';
import { pageRoutes } from './http/page.ts';
import { sectionRoutes } from './http/sections.ts';

/** The operations on a task's scratchpad, its sections, their history and events. */
export const scratchpadRoutes = (options: PadEventOptions) =>
  new OpenAPIHono<ApiEnv>()
    .route('/', sectionRoutes())
    .route('/', historyRoutes())
    .route('/', pageRoutes())
    .route('/', padEventRoutes(options));
