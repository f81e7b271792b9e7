import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../platform/http/env.ts';
import { approvalRoutes } from './approvals/http/approvals.ts';
import { escalationRoutes } from './escalations/http/escalations.ts';
import { attestationKeyRoutes } from './gates/http/attestation-keys.ts';
import { attestationRoutes } from './gates/http/attestations.ts';
import { orgAttestationRoutes } from './gates/http/org-attestations.ts';
import { gateRoutes } from './gates/http/gates.ts';
import type { TaskSource } from './gates/http/task-source.ts';
import { policyRoutes } from './policy/http/policy.ts';

export type { TaskSource };

/** The operations on approvals, the policy, escalations, quality gates and what is attested of them. */
export const governanceRoutes = (tasks: TaskSource) =>
  new OpenAPIHono<ApiEnv>()
    .route('/', approvalRoutes())
    .route('/', policyRoutes())
    .route('/', escalationRoutes(tasks))
    .route('/', gateRoutes(tasks))
    .route('/', attestationRoutes(tasks))
    .route('/', orgAttestationRoutes())
    .route('/', attestationKeyRoutes());
