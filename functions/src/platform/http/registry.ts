import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { routePath } from 'hono/route';
import type { ApiEnv } from './env.ts';

/** The declaration of the route that the request matched; `undefined` when none did. */
export const registeredRoute = (api: OpenAPIHono<ApiEnv>, c: Context<ApiEnv>): RouteConfig | undefined => {
  const path = routePath(c, -1).replaceAll(/:(\w+)/g, '{$1}');
  const method = c.req.method === 'HEAD' ? 'get' : c.req.method.toLowerCase();
  for (const definition of api.openAPIRegistry.definitions) {
    if (definition.type === 'route' && definition.route.path === path && definition.route.method === method) {
      return definition.route;
    }
  }
  return undefined;
};
