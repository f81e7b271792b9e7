// What is known of the health of agents, `orgs/{org}/agentHealth/{agent}`. It is a hint and never decides who holds what, so writes
// are blind, without a read, and at most one a second for an agent and instance (C7): failures in between are added to the next.
import { FieldValue } from 'firebase-admin/firestore';
import { commit, firestore, parseOptional, parseSnapshot, readDocument, readQuery } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { agentHealth, type AgentHealth, type SpecialistId } from './schemas.ts';

const writeEveryMs = 1_000;
/** An agent that works well says so with each heartbeat; that it was there ten seconds ago is as good to know. */
const seenEveryMs = 10_000;
const maxNoted = 1_000;

interface Noted {
  readonly writtenAt: number;
  readonly last: 'seen' | 'failed';
  readonly unwritten: number;
}
const noted = new Map<string, Noted>();

const healthOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('agentHealth');

/** The agent asked for work, renewed a lease or delivered. */
export const noteSeen = async (org: OrgId, agent: SpecialistId, now: Date): Promise<void> => {
  const before = noted.get(keyOf(org, agent));
  const silentMs = before?.last === 'seen' ? seenEveryMs : 0;
  if (before && now.getTime() - before.writtenAt < silentMs) return;
  remember(org, agent, { writtenAt: now.getTime(), last: 'seen', unwritten: 0 });
  const health: AgentHealth = { org, agent, lastSeenAt: now, consecutiveFailures: 0 };
  await commit((batch) => batch.set(healthOf(org).doc(agent), health));
};

/** The agent could not be reached, or was silent until its lease had run out. */
export const noteFailure = async (org: OrgId, agent: SpecialistId, now: Date): Promise<void> => {
  const before = noted.get(keyOf(org, agent));
  const failures = (before?.unwritten ?? 0) + 1;
  if (before?.last === 'failed' && now.getTime() - before.writtenAt < writeEveryMs) {
    remember(org, agent, { ...before, unwritten: failures });
    return;
  }
  remember(org, agent, { writtenAt: now.getTime(), last: 'failed', unwritten: 0 });
  const added = { org, agent, consecutiveFailures: FieldValue.increment(failures) };
  await commit((batch) => batch.set(healthOf(org).doc(agent), added, { merge: true }));
};

const keyOf = (org: OrgId, agent: SpecialistId) => `${org}.${agent}`;

const remember = (org: OrgId, agent: SpecialistId, note: Noted): void => {
  const key = keyOf(org, agent);
  noted.delete(key);
  noted.set(key, note);
  const [oldest] = noted.keys();
  if (noted.size > maxNoted && oldest !== undefined) noted.delete(oldest);
};

const never = (org: OrgId, agent: SpecialistId): AgentHealth => ({
  org,
  agent,
  lastSeenAt: null,
  consecutiveFailures: 0,
});

export const findHealth = async (org: OrgId, agent: SpecialistId): Promise<AgentHealth> =>
  parseOptional(agentHealth, await readDocument(healthOf(org).doc(agent)))?.value ?? never(org, agent);

/** By agent; those of whom nothing is known are left out. */
export const healthByAgent = async (org: OrgId): Promise<ReadonlyMap<SpecialistId, AgentHealth>> => {
  const found = (await readQuery(healthOf(org))).map((snapshot) => parseSnapshot(agentHealth, snapshot).value);
  return new Map(found.map((health) => [health.agent, health]));
};
