// What an org as a whole comes to: asked for now and then, by counts and sums where it can be, so that it costs the same however many
// tasks there are.
import { AggregateField } from 'firebase-admin/firestore';
import { z } from 'zod';
import { attestation } from '../governance/schemas.ts';
import type { LlmCall } from '../llm/index.ts';
import { firestore, parseSnapshot, readAggregate, readQuery } from '../platform/firestore.ts';
import { orgId, type OrgId } from '../platform/schemas.ts';
import { assignment, report, type Report, type TaskState } from './schemas.ts';

const tasksOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('tasks');

const maxOrgs = 1_000;
const named = z.object({ org: orgId });

/** The orgs that have work under way, or want reports at intervals. One read for each, however many tasks it has. */
export const orgsToWatch = async (): Promise<OrgId[]> => {
  const reported = firestore()
    .collectionGroup('policy')
    .where('policy.reports.everyMinutes', '>', 0)
    .select('org')
    .limit(maxOrgs);
  const wanting = (await readQuery(reported)).map((snapshot) => named.parse(snapshot.data()).org);
  return [...new Set([...wanting, ...(await orgsAtWork())])];
};

/** Goes from org to org, by the first active task of the next one. */
const orgsAtWork = async (): Promise<OrgId[]> => {
  const active = firestore().collectionGroup('tasks').where('active', '==', true).orderBy('org').select('org').limit(1);
  const found: OrgId[] = [];
  while (found.length < maxOrgs) {
    const last = found.at(-1);
    const [next] = await readQuery(last ? active.where('org', '>', last) : active);
    if (!next) break;
    found.push(named.parse(next.data()).org);
  }
  return found;
};

/** Of the tasks that ended since then, in nano-USD. */
export const spentSince = async (org: OrgId, since: Date): Promise<bigint> => {
  const ended = tasksOf(org).where('updatedAt', '>=', since);
  const { sum } = await readAggregate(ended.aggregate({ sum: AggregateField.sum('costNanoUsd') }));
  return BigInt(Math.round(sum));
};

export const countTasks = async (org: OrgId, state: TaskState, since?: Date): Promise<number> => {
  const ofState = tasksOf(org).where('state', '==', state);
  const counted = since ? ofState.where('updatedAt', '>=', since) : ofState;
  return (await readAggregate(counted.aggregate({ count: AggregateField.count() }))).count;
};

export const countRunning = async (org: OrgId): Promise<number> => {
  const running = firestore().collectionGroup('assignments').where('org', '==', org).where('state', '==', 'running');
  return (await readAggregate(running.aggregate({ count: AggregateField.count() }))).count;
};

const maxSampled = 200;

/** Model calls of the assignments that were started last, no older than `since`. */
export const callsSince = async (org: OrgId, since: Date): Promise<LlmCall[]> => {
  const recent = firestore()
    .collectionGroup('assignments')
    .where('org', '==', org)
    .where('startedAt', '>=', since)
    .orderBy('startedAt', 'desc')
    .limit(maxSampled);
  return (await readQuery(recent)).flatMap((snapshot) => parseSnapshot(assignment, snapshot).value.calls);
};

/** When somebody last attested that a backup was restored. */
export const lastBackupTest = async (org: OrgId): Promise<Date | null> => {
  const passed = firestore()
    .collectionGroup('attestations')
    .where('org', '==', org)
    .where('gate', '==', 'backup')
    .where('status', '==', 'passed')
    .orderBy('at', 'desc')
    .limit(1);
  const [last] = await readQuery(passed);
  return last ? parseSnapshot(attestation, last).value.at : null;
};

/** The final reports of the tasks that ended last, newest first. */
export const latestReports = async (org: OrgId, limit: number): Promise<Report[]> => {
  const latest = firestore()
    .collectionGroup('reports')
    .where('org', '==', org)
    .orderBy('createdAt', 'desc')
    .limit(limit);
  return (await readQuery(latest)).map((snapshot) => parseSnapshot(report, snapshot).value);
};
