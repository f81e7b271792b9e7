// What an org as a whole comes to: asked for now and then, by counts and sums where it can be, so that it costs the same however many
// tasks there are.
import { AggregateField, type DocumentSnapshot } from 'firebase-admin/firestore';
import { z } from 'zod';
import { isOfItsGate } from '../governance/index.ts';
import { attestation } from '../governance/schemas.ts';
import type { LlmCall } from '../llm/index.ts';
import { firestore, parseSnapshot, readable, readAggregate, readQuery } from '../platform/firestore.ts';
import { orgId, type OrgId } from '../platform/schemas.ts';
import { fromSlices, slicesOf } from '../platform/slices.ts';
import { report, task, type TaskState } from './schemas.ts';

const tasksOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('tasks');

const named = z.object({ org: orgId });
/** None for a record that does not say whose it is: it must not keep the other orgs from being looked at. */
const orgsOf = (snapshot: DocumentSnapshot): OrgId[] => readable(named, snapshot).map(({ value }) => value.org);

/** The orgs that want reports at intervals, that have tasks under way, or had some that ended since then: each once. */
export async function* orgsToWatch(since: Date): AsyncGenerator<OrgId> {
  const met = new Set<OrgId>();
  for (const orgs of [orgsWantingReports(), orgsAtWork(), orgsWaiting(), orgsDoneSince(since)]) {
    for await (const org of orgs) {
      if (met.has(org)) continue;
      met.add(org);
      yield org;
    }
  }
}

const orgsWantingReports = () => orgsIn('policy', 'policy.reports.everyMinutes', 1);

const orgsAtWork = () => orgsWithTasks('active', true);

/** Their work is done, but what it showed may not have been looked at. */
const orgsWaiting = () => orgsWithTasks('state', 'validating' satisfies TaskState);

/** Goes from org to org, by the first such task of the next one: one read for each, however many tasks it has. */
async function* orgsWithTasks(field: string, value: boolean | TaskState): AsyncGenerator<OrgId> {
  const such = firestore().collectionGroup('tasks').where(field, '==', value).orderBy('org').select('org').limit(1);
  for (let [next] = await readQuery(such); next; [next] = await readQuery(such.startAfter(next.get('org')))) {
    yield* orgsOf(next);
  }
}

/** One read for each task that ended since then: whatever its end was, it has a report. */
const orgsDoneSince = (since: Date) => orgsIn('reports', 'createdAt', since);

const pageSize = 1_000;

/** The orgs of all documents of that kind whose field is no less than that. */
async function* orgsIn(kind: string, field: string, least: number | Date): AsyncGenerator<OrgId> {
  // A page begins after the last document of the one before, by the field that they are in the order of.
  const all = firestore().collectionGroup(kind).where(field, '>=', least).orderBy(field);
  const pages = all.select('org', field).limit(pageSize);
  let page = await readQuery(pages);
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield* page.flatMap(orgsOf);
    page = page.length < pageSize ? [] : await readQuery(pages.startAfter(last));
  }
}

/** Of the tasks that ended since then, in nano-USD. */
export const spentSince = async (org: OrgId, since: Date): Promise<bigint> => {
  const ended = tasksOf(org).where('updatedAt', '>=', since);
  const { sum } = await readAggregate(ended.aggregate({ sum: AggregateField.sum('costNanoUsd') }));
  return typeof sum === 'bigint' ? sum : BigInt(Math.round(sum));
};

export const countTasks = async (org: OrgId, state: TaskState, since?: Date): Promise<number> => {
  const ofState = tasksOf(org).where('state', '==', state);
  const counted = since ? ofState.where('updatedAt', '>=', since) : ofState;
  return Number((await readAggregate(counted.aggregate({ count: AggregateField.count() }))).count);
};

export const countRunning = async (org: OrgId): Promise<number> => {
  const running = firestore().collectionGroup('assignments').where('org', '==', org).where('state', '==', 'running');
  return Number((await readAggregate(running.aggregate({ count: AggregateField.count() }))).count);
};

const maxSampled = 200;

const withCalls = task.pick({ calls: true });

/**
 * Model calls that were started since then, as far as they are on record: of work that has ended, of work that is tried again and again,
 * and of analyses. At most so many records of each are read.
 */
export const callsSince = async (org: OrgId, since: Date): Promise<LlmCall[]> => {
  const work = firestore().collectionGroup('assignments').where('org', '==', org);
  const ended = work.where('finishedAt', '>=', since).orderBy('finishedAt', 'desc');
  const retried = work.where('state', 'in', ['ready', 'running']).where('failedTries', '>', 0);
  const analysed = tasksOf(org).where('updatedAt', '>=', since).orderBy('updatedAt', 'desc');
  const queries = [ended, retried.orderBy('failedTries', 'desc'), analysed];
  const found = await Promise.all(queries.map((query) => readQuery(query.select('calls').limit(maxSampled))));
  // What ends between two of the queries is found by both.
  const records = new Map(found.flat().map((snapshot) => [snapshot.ref.path, snapshot]));
  const calls = [...records.values()].flatMap((snapshot) => readable(withCalls, snapshot)[0]?.value.calls ?? []);
  return calls.filter(({ startedAt }) => startedAt >= since);
};

/** Among them is one that is of backups, unless CI says nothing but where the work runs. */
const maxTestsLookedAt = 20;

/** When somebody last attested that a backup was restored, of a task or of the org as a whole. */
export const lastBackupTest = async (org: OrgId): Promise<Date | null> => {
  const passed = firestore()
    .collectionGroup('attestations')
    .where('org', '==', org)
    .where('gate', '==', 'backup')
    .where('status', '==', 'passed')
    .orderBy('at', 'desc')
    .limit(maxTestsLookedAt);
  const tests = (await readQuery(passed)).map((snapshot) => parseSnapshot(attestation, snapshot).value);
  return tests.find(isOfItsGate)?.at ?? null;
};

const reportFigures = report.pick({ metrics: true, concerns: true });
export type ReportFigures = z.output<typeof reportFigures>;

/** What the final reports of the tasks that ended last say, newest first. */
export const latestReports = async (org: OrgId, limit: number): Promise<ReportFigures[]> => {
  const latest = firestore()
    .collectionGroup('reports')
    .where('org', '==', org)
    .orderBy('createdAt', 'desc')
    .select('metrics', 'concerns', 'createdAt');
  return fromSlices(slicesOf(latest, { most: limit }), (snapshot) => parseSnapshot(reportFigures, snapshot).value);
};
