// The escalations of an org. What counts signals here takes them off the list of those that wait, in the same commit.
import type { Due } from '../../platform/due-records.ts';
import {
  commit,
  firestore,
  parseOptional,
  parseSnapshot,
  readDocument,
  readQuery,
  unchangedSince,
  type Stored,
  type Batch,
} from '../../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import {
  escalation,
  type Escalation,
  type EscalationId,
  type EscalationState,
  type Severity,
  type Signal,
} from './schemas.ts';
import type { Counted } from './state.ts';
import { moveToOccurrences } from './signals.firestore.ts';

const collectionOf = (org: OrgId, name: string) => firestore().collection('orgs').doc(org).collection(name);
const escalationsOf = (org: OrgId) => collectionOf(org, 'escalations');

/** The last generation of a cause. */
export const latestOfCause = async (org: OrgId, cause: string): Promise<Stored<Escalation> | undefined> => {
  const query = escalationsOf(org).where('cause', '==', cause).orderBy('generation', 'desc').limit(1);
  const [snapshot] = await readQuery(query);
  return snapshot && parseSnapshot(escalation, snapshot);
};

export interface Count {
  readonly latest: Stored<Escalation> | undefined;
  readonly records: readonly Counted[];
  /** All that were looked at: they wait no longer. */
  readonly signals: readonly Signal[];
}

/** Writes all of it or nothing. Throws `store.conflict` or `store.exists` when somebody else counted meanwhile. */
export const writeCount = (org: OrgId, { latest, records, signals }: Count) =>
  commit((batch) => {
    for (const { record } of records) {
      const ref = escalationsOf(org).doc(record.id);
      if (latest?.value.id === record.id) batch.update(ref, { ...record }, unchangedSince(latest.revision));
      else batch.create(ref, record);
    }
    moveToOccurrences(batch, org, signals, records);
  });

export const findEscalation = async (org: OrgId, id: EscalationId): Promise<Stored<Escalation> | undefined> =>
  parseOptional(escalation, await readDocument(escalationsOf(org).doc(id)));

/** Writes what it became, with what goes out because of it. Throws `store.conflict` when it was changed meanwhile. */
export const saveEscalation = (
  { revision }: Stored<Escalation>,
  after: Escalation,
  also: (batch: Batch) => void = () => undefined,
) =>
  commit((batch) => {
    batch.update(escalationsOf(after.org).doc(after.id), { ...after }, unchangedSince(revision));
    also(batch);
  });

/** Escalations of all orgs whose next step is due, the longest due first. */
export const escalationsToWake = (now: Date): Due<Escalation> => ({
  schema: escalation,
  collection: 'escalations',
  field: 'wakeAt',
  until: now,
});

export interface EscalationFilter {
  readonly state?: EscalationState | undefined;
  readonly severity?: Severity | undefined;
  readonly task?: string | undefined;
}

/** Newest first. */
export const pageOfEscalations = (
  org: OrgId,
  { state, severity, task, ...page }: EscalationFilter & PageRequest,
): Promise<Page<Escalation>> =>
  readPage({ schema: escalation, collection: escalationsOf(org), filter: { state, severity, task } }, page);
