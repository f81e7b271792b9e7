// Edits of an agent that exists. A person's edit of the whole names the revision that it was decided on; switching an agent on or
// off means the same whatever else was edited, so it is tried again when it lost a race.
import { AppError, isError } from '../platform/errors.ts';
import { storeErrors, type Revision, type Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { changeAgent, deleteAgent, findAgent, findSecret } from './agents.firestore.ts';
import { isBuiltIn } from './built-in.ts';
import { requireAcceptable } from './definition.ts';
import { agentErrors } from './errors.ts';
import { forgetAgents } from './registry.ts';
import type { Edit } from './register-agent.ts';
import { newSecret } from './signing-secret.ts';
import type { Agent, AgentDefinition, SpecialistId } from './schemas.ts';

const maxTries = 5;

/** Throws `agents.agent_not_found`. */
export const getAgent = async (org: OrgId, id: SpecialistId): Promise<Stored<Agent>> => {
  const stored = await findAgent(org, id);
  if (!stored) throw new AppError(agentErrors.agentNotFound);
  return stored;
};

/**
 * Says anew what an agent is; of a built-in one this overrides the code's card. An agent that becomes a webhook gets a secret,
 * which is returned this once. Throws `store.conflict` unless the agent is at `revision`, `agents.agent_not_found`,
 * `agents.foreign_topic`, `webhook.bad_url`, `webhook.forbidden_address`.
 */
export const replaceAgent = async (
  id: SpecialistId,
  { definition, revision }: { definition: AgentDefinition; revision: Revision },
  edit: Edit,
): Promise<Stored<Agent> & { signingSecret?: string }> => {
  const { org, by, now } = edit;
  requireAcceptable(org, definition, edit);
  const { value } = await getAgent(org, id);
  const { version, enabled, createdBy, createdAt } = value;
  const after: Agent = {
    ...definition,
    org,
    id,
    version: version + 1,
    enabled,
    createdBy: createdBy ?? by,
    createdAt: createdAt ?? now,
    updatedAt: now,
  };
  const secret = after.kind === 'webhook' && !(await findSecret(org, id)) ? newSecret(org, id, now) : undefined;
  const written = await changeAgent({ value, revision }, after, secret);
  forgetAgents(org);
  return { value: after, revision: written, ...(secret && { signingSecret: secret.secret }) };
};

/** Lets an agent be given work or not. Throws `agents.agent_not_found`. */
export const switchAgent = async (
  id: SpecialistId,
  enabled: boolean,
  { org, by, now }: Pick<Edit, 'org' | 'by' | 'now'>,
): Promise<Stored<Agent>> =>
  untilUnchanged(async () => {
    const stored = await getAgent(org, id);
    const { value } = stored;
    if (value.enabled === enabled) return stored;
    const fields = { enabled, createdBy: value.createdBy ?? by, createdAt: value.createdAt ?? now, updatedAt: now };
    const revision = await changeAgent(stored, fields);
    forgetAgents(org);
    return { value: { ...value, ...fields }, revision };
  });

/** Deletes an agent of the org's own, with its secret. Throws `agents.agent_not_found`, `agents.built_in`. */
export const removeAgent = async (org: OrgId, id: SpecialistId): Promise<void> => {
  if (isBuiltIn(id)) throw new AppError(agentErrors.builtIn, { detail: 'Disable it instead.' });
  await untilUnchanged(async () => {
    await deleteAgent(await getAgent(org, id));
    forgetAgents(org);
  });
};

const untilUnchanged = async <T>(edit: () => Promise<T>, tries = 1): Promise<T> => {
  try {
    return await edit();
  } catch (error) {
    if (!isError(error, storeErrors.conflict) || tries === maxTries) throw error;
    return untilUnchanged(edit, tries + 1);
  }
};
