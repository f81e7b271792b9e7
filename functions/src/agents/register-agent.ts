import { isDeepStrictEqual } from 'node:util';
import { AppError, isError } from '../platform/errors.ts';
import { storeErrors, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { createAgent, findAgent } from './agents.firestore.ts';
import { isBuiltIn } from './built-in.ts';
import { definitionOf, requireAcceptable } from './definition.ts';
import { agentErrors } from './errors.ts';
import { forgetAgents } from './registry.ts';
import { newSecret } from './signing-secret.ts';
import type { Agent, AgentDefinition, AgentRegistration } from './schemas.ts';

export interface Edit {
  readonly org: OrgId;
  /** The uid of whoever edits. */
  readonly by: string;
  readonly now: Date;
  /** Whether a webhook may be http and off the public internet: only on a developer's machine. */
  readonly allowPrivate: boolean;
}

export interface Registered extends Stored<Agent> {
  /** Of a new webhook agent: shown this once. */
  readonly signingSecret?: string;
  /** True when this very registration had been made before. */
  readonly replayed: boolean;
}

/**
 * Adds an agent of the org's own. Throws `agents.agent_exists` when the id is taken by another, `agents.registry_full`,
 * `agents.foreign_topic`, `webhook.bad_url`, `webhook.forbidden_address`.
 */
export const registerAgent = async (registration: AgentRegistration, edit: Edit): Promise<Registered> => {
  const { org, by, now } = edit;
  const { id, ...definition } = registration;
  requireAcceptable(org, definition, edit);
  if (isBuiltIn(id)) throw new AppError(agentErrors.agentExists, { detail: 'It is built in: override it with PUT.' });
  const made: Agent = {
    ...definition,
    org,
    id,
    version: 1,
    enabled: true,
    createdBy: by,
    createdAt: now,
    updatedAt: now,
  };
  const secret = made.kind === 'webhook' ? newSecret(org, id, now) : undefined;
  try {
    const revision = await createAgent(made, secret);
    forgetAgents(org);
    return { value: made, revision, ...(secret && { signingSecret: secret.secret }), replayed: false };
  } catch (error) {
    if (!isError(error, storeErrors.exists)) throw error;
    return { ...(await sameAs(org, id, definition)), replayed: true };
  }
};

const sameAs = async (org: OrgId, id: string, definition: AgentDefinition): Promise<Stored<Agent>> => {
  const existing = await findAgent(org, id);
  if (existing && isDeepStrictEqual(definitionOf(existing.value), definition)) return existing;
  throw new AppError(agentErrors.agentExists);
};
