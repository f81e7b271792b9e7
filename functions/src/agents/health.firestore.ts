// What is known of the health of agents, `orgs/{org}/agentHealth/{agent}`. It is a hint and never decides who holds what, so writes
// are blind, without a read, and failures at most one a second for an agent and instance (C7): those in between are written together.
import { setTimeout as pause } from 'node:timers/promises';
import { FieldValue } from 'firebase-admin/firestore';
import { commit, firestore, parseOptional, readable, readDocument, readQuery } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { agentHealth, type AgentHealth, type SpecialistId } from './schemas.ts';

const writeEveryMs = 1_000;
/** An agent that works well says so with each heartbeat; that it was there ten seconds ago is as good to know. */
const seenEveryMs = 10_000;
const maxNoted = 1_000;

/** When this instance last wrote what of an agent, in milliseconds. */
interface Noted {
  readonly askedAt: number;
  /** Long ago once it has failed since. */
  readonly workedAt: number;
  readonly failedAt: number;
}
const longAgo = Number.NEGATIVE_INFINITY;
const never: Noted = { askedAt: longAgo, workedAt: longAgo, failedAt: longAgo };
const noted = new Map<string, Noted>();

interface Unwritten {
  failures: number;
  readonly written: Promise<void>;
}
const unwritten = new Map<string, Unwritten>();

const healthOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('agentHealth');

/** The agent asked for work: it is there, which says nothing of what became of the work that it had. */
export const noteAsked = async (org: OrgId, agent: SpecialistId, now: Date): Promise<void> => {
  const before = notedOf(org, agent);
  if (now.getTime() - Math.max(before.askedAt, before.workedAt) < seenEveryMs) return;
  remember(org, agent, { ...before, askedAt: now.getTime() });
  await commit((batch) => batch.set(healthOf(org).doc(agent), { org, agent, lastSeenAt: now }, { merge: true }));
};

/** The agent renewed a lease, delivered, or gave work back: it looks after what it holds, and its failures are over. */
export const noteAtWork = async (org: OrgId, agent: SpecialistId, now: Date): Promise<void> => {
  if (now.getTime() - notedOf(org, agent).workedAt < seenEveryMs) return;
  remember(org, agent, { ...never, workedAt: now.getTime() });
  const waiting = unwritten.get(keyOf(org, agent));
  if (waiting) waiting.failures = 0;
  const health: AgentHealth = { org, agent, lastSeenAt: now, consecutiveFailures: 0 };
  await commit((batch) => batch.set(healthOf(org).doc(agent), health));
};

/** The agent could not be reached, or was silent until its lease had run out. Resolves once that is written, a second later at most. */
export const noteFailure = (org: OrgId, agent: SpecialistId, now: Date): Promise<void> => {
  const key = keyOf(org, agent);
  const waiting = unwritten.get(key);
  if (waiting) {
    waiting.failures += 1;
    return waiting.written;
  }
  const before = notedOf(org, agent);
  const waitMs = Math.max(0, before.failedAt + writeEveryMs - now.getTime());
  remember(org, agent, { ...before, workedAt: longAgo, failedAt: now.getTime() + waitMs });
  if (waitMs === 0) return writeFailures(org, agent, 1);
  const written = pause(waitMs).then(() => {
    unwritten.delete(key);
    return writeFailures(org, agent, coming.failures);
  });
  const coming: Unwritten = { failures: 1, written };
  unwritten.set(key, coming);
  return written;
};

const writeFailures = async (org: OrgId, agent: SpecialistId, failures: number): Promise<void> => {
  const added = { org, agent, consecutiveFailures: FieldValue.increment(failures) };
  await commit((batch) => batch.set(healthOf(org).doc(agent), added, { merge: true }));
};

const keyOf = (org: OrgId, agent: SpecialistId) => `${org}.${agent}`;

const notedOf = (org: OrgId, agent: SpecialistId): Noted => noted.get(keyOf(org, agent)) ?? never;

const remember = (org: OrgId, agent: SpecialistId, note: Noted): void => {
  const key = keyOf(org, agent);
  noted.delete(key);
  noted.set(key, note);
  const [oldest] = noted.keys();
  if (noted.size > maxNoted && oldest !== undefined) noted.delete(oldest);
};

const unknownHealth = (org: OrgId, agent: SpecialistId): AgentHealth => ({
  org,
  agent,
  lastSeenAt: null,
  consecutiveFailures: 0,
});

export const findHealth = async (org: OrgId, agent: SpecialistId): Promise<AgentHealth> =>
  parseOptional(agentHealth, await readDocument(healthOf(org).doc(agent)))?.value ?? unknownHealth(org, agent);

/** By agent; those of whom nothing is known are left out. */
export const healthByAgent = async (org: OrgId): Promise<ReadonlyMap<SpecialistId, AgentHealth>> => {
  const found = (await readQuery(healthOf(org))).flatMap((snapshot) => readable(agentHealth, snapshot));
  return new Map(found.map(({ value }) => [value.agent, value]));
};
