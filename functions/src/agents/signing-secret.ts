// What the webhooks of an agent are signed with: made here, shown once, and never read by a client again.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { newWebhookSecret } from '../platform/webhook.ts';
import { findAgent, findSecret, writeSecret } from './agents.firestore.ts';
import { agentErrors } from './errors.ts';
import type { AgentSecret, SpecialistId } from './schemas.ts';

export const newSecret = (org: OrgId, agent: SpecialistId, now: Date): AgentSecret => ({
  org,
  agent,
  secret: newWebhookSecret(),
  createdAt: now,
});

/** Replaces the secret at once and returns the new one. Throws `agents.agent_not_found`, `agents.no_signing_secret`. */
export const rotateSecret = async (org: OrgId, id: SpecialistId, now: Date): Promise<string> => {
  const stored = await findAgent(org, id);
  if (!stored) throw new AppError(agentErrors.agentNotFound);
  if (stored.value.kind !== 'webhook') throw new AppError(agentErrors.noSigningSecret);
  const made = newSecret(org, id, now);
  await writeSecret(made);
  return made.secret;
};

/** Throws `agents.no_signing_secret`. */
export const signingSecretOf = async (org: OrgId, id: SpecialistId): Promise<string> => {
  const found = await findSecret(org, id);
  if (!found) throw new AppError(agentErrors.noSigningSecret);
  return found.secret;
};
