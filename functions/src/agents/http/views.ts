// Agents as callers see them, with their health and without the org, which callers know.
import { z } from '@hono/zod-openapi';
import { artifactKind } from '../../artifacts/schemas.ts';
import type { Caller } from '../../platform/http/env.ts';
import { isOperator } from '../../platform/http/operation.ts';
import { wire } from '../../platform/http/wire.ts';
import { isBuiltIn } from '../built-in.ts';
import { healthState, healthStates } from '../health.ts';
import type { KnownAgent } from '../list-agents.ts';
import { agentKind, agentLimits, specialistId } from '../schemas.ts';

const time = z.iso.datetime();

export const agentView = z
  .object({
    id: specialistId,
    name: z.string(),
    kind: agentKind,
    version: z.int(),
    summary: z.string(),
    skills: z.array(z.string()),
    responsibilities: z.array(z.string()),
    produces: z.array(artifactKind),
    guidance: z.array(z.string()),
    transport: z
      .union([z.object({ topic: z.string() }), z.object({ url: z.string() })])
      .nullable()
      .optional()
      .openapi({
        description:
          'Where its work is sent; null for models, and for agents that ask for work. Only operators are told: a URL may be as good as a password.',
      }),
    limits: z.object(agentLimits.shape).nullable().openapi({ description: 'Null for models.' }),
    health: z.object({
      state: z.enum(healthStates),
      lastSeenAt: time.nullable(),
      consecutiveFailures: z.int(),
    }),
    enabled: z.boolean(),
    builtIn: z.boolean(),
    createdBy: z.string().nullable(),
    createdAt: time.nullable(),
    updatedAt: time.nullable(),
  })
  .openapi('Agent');

export const viewAgent = ({ agent, health }: KnownAgent) => {
  const { org: _org, ...shown } = agent;
  const { lastSeenAt, consecutiveFailures } = health ?? { lastSeenAt: null, consecutiveFailures: 0 };
  return wire({
    ...shown,
    health: { state: healthState({ lastSeenAt, consecutiveFailures }), lastSeenAt, consecutiveFailures },
    builtIn: isBuiltIn(agent.id),
  });
};

/** Without what only operators are told. */
export const viewAgentFor = (caller: Caller, known: KnownAgent) => {
  const { transport, ...shown } = viewAgent(known);
  return isOperator(caller) ? { ...shown, transport } : shown;
};

const signingSecret = z.string().openapi({
  description: 'What our webhooks to this agent are signed with (Standard Webhooks). Shown this once.',
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
});

export const signingSecretView = z.object({ signingSecret }).openapi('SigningSecret');

export const editedAgentView = agentView.extend({ signingSecret: signingSecret.optional() }).openapi('EditedAgent');
