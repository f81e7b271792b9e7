// What may be said of an agent beyond what its schema knows. Pure.
//
// D1. An agent's topic belongs to its org: its name begins with `agents.<org>.`, so that no org can have our messages, or its own,
//     published to another's agents or to the service's own topics. (An org's id holds no dot.)
// D2. Directives hold the org's work, so they leave by https and for the public internet only, unless the deployment is a
//     developer's machine. Names are looked up when they are called.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { checkedUrl } from '../platform/webhook.ts';
import { agentErrors } from './errors.ts';
import { agentDefinition, type Agent, type AgentDefinition } from './schemas.ts';

/** Throws `agents.foreign_topic` (D1), `webhook.bad_url`, `webhook.forbidden_address` (D2). */
export const requireAcceptable = (
  org: OrgId,
  { kind, transport }: AgentDefinition,
  { allowPrivate }: { allowPrivate: boolean },
): void => {
  const prefix = `agents.${org}.`;
  if (kind === 'pubsub' && !transport.topic.startsWith(prefix)) {
    throw new AppError(agentErrors.foreignTopic, {
      errors: [{ pointer: '#/transport/topic', detail: `must begin with "${prefix}"` }],
    });
  }
  if (kind === 'webhook') checkedUrl(transport.url, allowPrivate);
};

/** What people said of it, without what the service adds. */
export const definitionOf = (agent: Agent): AgentDefinition => {
  const { kind, name, summary, skills, responsibilities, produces, guidance, transport, limits } = agent;
  const parts = { kind, name, summary, skills, responsibilities, produces, guidance, transport, limits };
  return agentDefinition.parse(parts);
};
