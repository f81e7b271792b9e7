// The registry, `orgs/{org}/agents/{agent}` over what is built in, and the secrets that belong to it.
import { z } from 'zod';
import { AppError, isError } from '../platform/errors.ts';
import {
  commit,
  commitWithin,
  firestore,
  parseOptional,
  parseSnapshot,
  readable,
  readDocument,
  readQuery,
  storeErrors,
  unchangedSince,
  type Revision,
  type Stored,
} from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { builtInAgent, isBuiltIn } from './built-in.ts';
import { agentErrors } from './errors.ts';
import { agent, agentSecret, builtinSpecialists, type Agent, type AgentSecret, type SpecialistId } from './schemas.ts';

const inOrg = (org: OrgId) => firestore().collection('orgs').doc(org);
const agentsIn = (org: OrgId) => inOrg(org).collection('agents');
const secretRef = (org: OrgId, id: SpecialistId) => inOrg(org).collection('agentSecrets').doc(id);

/** The revision of a built-in agent of which the org has no document. */
const neverWritten: Revision = '0.0';

/** An agent's document; that of a built-in one says only what is different. */
const documentOf = (org: OrgId, id: SpecialistId) =>
  isBuiltIn(id) ? z.preprocess((data) => ({ ...builtInAgent(org, id), ...(data as object) }), agent) : agent;

export const findAgent = async (org: OrgId, id: SpecialistId): Promise<Stored<Agent> | undefined> => {
  const snapshot = await readDocument(agentsIn(org).doc(id));
  if (snapshot.exists) return parseSnapshot(documentOf(org, id), snapshot);
  return isBuiltIn(id) ? { value: builtInAgent(org, id), revision: neverWritten } : undefined;
};

/**
 * Every agent of the org: the built-in ones, then its own by id. One that cannot be read is left out, also of the built-in ones: the
 * org may have disabled it, or given its work to another.
 */
export const allAgents = async (org: OrgId): Promise<Agent[]> => {
  const snapshots = await readQuery(agentsIn(org));
  const written = new Set(snapshots.map(({ id }) => id));
  const read = snapshots.flatMap((snapshot) => readable(documentOf(org, snapshot.id), snapshot));
  const unwritten = builtinSpecialists.filter((id) => !written.has(id)).map((id) => builtInAgent(org, id));
  return [...unwritten, ...read.map(({ value }) => value)].toSorted((a, b) => placeOf(a) - placeOf(b));
};

const placeOf = ({ id }: Agent): number => (isBuiltIn(id) ? builtinSpecialists.indexOf(id) : builtinSpecialists.length);

/** The registry is read as a whole. */
export const maxAgents = 200;

/** Throws `store.exists` when the id is taken, and `agents.registry_full`. */
export const createAgent = (made: Agent, secret?: AgentSecret): Promise<Revision> => {
  const record = agentsIn(made.org).doc(made.id);
  const limit = {
    among: agentsIn(made.org).select(),
    // The built-in agents are there whether or not the org has documents of them.
    counts: ({ id }: { readonly id: string }) => !isBuiltIn(id),
    most: maxAgents - builtinSpecialists.length,
    refusal: agentErrors.registryFull,
  };
  return commitWithin(limit, record, (batch) => {
    batch.create(record, made);
    if (secret) batch.set(secretRef(made.org, made.id), secret);
  });
};

/** Writes `fields` of an agent, and its new secret when it gets one. Throws `store.conflict` when it was changed meanwhile. */
export const changeAgent = async (
  { value: { org, id }, revision }: Stored<Agent>,
  fields: Partial<Agent>,
  secret?: AgentSecret,
): Promise<Revision> => {
  const record = agentsIn(org).doc(id);
  try {
    return await commit((batch) => {
      if (revision === neverWritten) batch.create(record, { org, id, ...fields });
      else batch.update(record, { ...fields }, unchangedSince(revision));
      if (secret) batch.set(secretRef(org, id), secret);
    });
  } catch (error) {
    if (isError(error, storeErrors.exists)) throw new AppError(storeErrors.conflict, { cause: error });
    throw error;
  }
};

/** Throws `store.conflict` when it was changed meanwhile. */
export const deleteAgent = ({ value: { org, id }, revision }: Stored<Agent>): Promise<Revision> =>
  commit((batch) => {
    batch.delete(agentsIn(org).doc(id), unchangedSince(revision));
    batch.delete(secretRef(org, id));
  });

export const findSecret = async (org: OrgId, id: SpecialistId): Promise<AgentSecret | undefined> =>
  parseOptional(agentSecret, await readDocument(secretRef(org, id)))?.value;

export const writeSecret = (secret: AgentSecret): Promise<Revision> =>
  commit((batch) => batch.set(secretRef(secret.org, secret.agent), secret));
