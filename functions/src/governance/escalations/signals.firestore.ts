// Signals that wait to be counted, and the occurrences that they became. A signal is written without a read, in whatever commit found
// it; counting it leaves its occurrence, so that one that comes twice counts once (C9).
import type { DocumentSnapshot } from 'firebase-admin/firestore';
import type { Due } from '../../platform/due-records.ts';
import {
  firestore,
  parseOptional,
  parseSnapshot,
  readable,
  readDocument,
  readDocuments,
  readQuery,
  type Batch,
} from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { causeOf, fingerprintOf, signalIdFor } from './ids.ts';
import {
  escalationDraft,
  occurrence,
  signal,
  type EscalationDraft,
  type EscalationId,
  type Occurrence,
  type Signal,
} from './schemas.ts';
import type { Counted } from './state.ts';

const collectionOf = (org: OrgId, name: string) => firestore().collection('orgs').doc(org).collection(name);
const signalsOf = (org: OrgId) => collectionOf(org, 'escalationSignals');
const occurrencesOf = (org: OrgId) => collectionOf(org, 'escalationOccurrences');

export const signalOf = (draft: EscalationDraft, now: Date): Signal => {
  const { seenAt, ...said } = escalationDraft.parse(draft);
  return {
    ...said,
    id: signalIdFor(draft),
    cause: causeOf(draft),
    fingerprint: fingerprintOf(draft),
    at: seenAt ?? now,
  };
};

/**
 * Puts a draft into the caller's commit. It becomes an escalation once that is made, and only then; the same draft again replaces
 * itself.
 */
export const addSignal = (batch: Batch, draft: EscalationDraft, now: Date): void => {
  const added = signalOf(draft, now);
  batch.set(signalsOf(added.org).doc(added.id), added);
};

export const parseSignal = (snapshot: DocumentSnapshot): Signal => parseSnapshot(signal, snapshot).value;

/** The signals of one cause that wait, at most so many; without those that cannot be read, which must not silence the rest. */
export const waitingSignals = async (org: OrgId, cause: string, limit: number): Promise<Signal[]> => {
  const found = await readQuery(signalsOf(org).where('cause', '==', cause).limit(limit));
  return found.flatMap((snapshot) => readable(signal, snapshot)).map(({ value }) => value);
};

/** Signals of all orgs that have waited since before that time, the oldest first. */
export const signalsLeftBehind = (before: Date): Due<Signal> => ({
  schema: signal,
  collection: 'escalationSignals',
  field: 'at',
  until: before,
});

export const findOccurrence = async (org: OrgId, id: string): Promise<Occurrence | undefined> =>
  parseOptional(occurrence, await readDocument(occurrencesOf(org).doc(id)))?.value;

/** What these signals were counted as before, by their ids. */
export const countedBefore = async (org: OrgId, signals: readonly Signal[]): Promise<Map<string, Occurrence>> => {
  const found = await readDocuments(signals.map(({ id }) => occurrencesOf(org).doc(id)));
  const counted = found.flatMap((snapshot) => parseOptional(occurrence, snapshot)?.value ?? []);
  return new Map(counted.map((each) => [each.id, each]));
};

/**
 * Takes signals off the list of those that wait, and keeps each that a record counts as its occurrence. That none is counted twice
 * follows from the precondition of the record.
 */
export const moveToOccurrences = (
  batch: Batch,
  org: OrgId,
  signals: readonly Signal[],
  records: readonly Counted[],
): void => {
  for (const { record, counted } of records) {
    for (const each of counted) batch.set(occurrencesOf(org).doc(each.id), occurrenceOf(each, record.id));
  }
  for (const { id } of signals) batch.delete(signalsOf(org).doc(id));
};

const occurrenceOf = (
  { id, org, fingerprint, severity, evidence, by, at }: Signal,
  escalation: EscalationId,
): Occurrence => ({ id, org, fingerprint, severity, evidence, by, at, escalation });
