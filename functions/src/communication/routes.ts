import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../platform/http/env.ts';
import { deliveryRoutes } from './http/deliveries.ts';
import { messageRoutes } from './http/messages.ts';
import { webhookActionRoutes } from './http/webhook-actions.ts';
import { webhookRoutes } from './http/webhooks.ts';

/** The operations on messages, the webhooks that they are posted to, and what came of it. */
export const communicationRoutes = () =>
  new OpenAPIHono<ApiEnv>()
    .route('/', messageRoutes())
    .route('/', webhookRoutes())
    .route('/', webhookActionRoutes())
    .route('/', deliveryRoutes());
