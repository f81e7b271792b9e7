import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../platform/http/env.ts';
import { editRoutes } from './http/edit.ts';
import { readRoutes } from './http/read.ts';
import { switchRoutes } from './http/switch.ts';

/** The operations on the registry of agents. */
export const agentRoutes = () =>
  new OpenAPIHono<ApiEnv>().route('/', readRoutes()).route('/', editRoutes()).route('/', switchRoutes());
