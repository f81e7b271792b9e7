// The independent checker: reads what is stored and what the providers were asked, and says which invariants of docs/invariants.md
// do not hold. It shares no code with the engine. It is meant for the end of a run, when every task should be over; C7 is a matter
// of rates and is measured elsewhere.
import type { Firestore } from 'firebase-admin/firestore';
import { readDocuments, readOrgs } from './documents.ts';
import { historiesOf, type StoredDocument } from './history.ts';
import type { ProviderRequest } from './records.ts';
import { spendingAfterTheEnd, unrecordedAfterTheEnd, type Stop } from './rules/cancelling.ts';
import { effectFaults } from './rules/effects.ts';
import { unfinishedWork } from './rules/ends.ts';
import { doubledTasks } from './rules/intake.ts';
import { doubledResults } from './rules/results.ts';
import { sendingFaults } from './rules/sending.ts';
import { streamFaults } from './rules/streams.ts';
import { foreignNames, strayOrgs } from './rules/tenancy.ts';
import type { Violation } from './violation.ts';

export type { ProviderRequest } from './records.ts';
export type { Stop } from './rules/cancelling.ts';
export type { Violation } from './violation.ts';

export interface CheckInput {
  readonly database: Firestore;
  readonly orgs: readonly string[];
  /** Other orgs of the database, whose names may not turn up in these. */
  readonly neighbours?: readonly string[];
  /** No other org is in the database; default false. */
  readonly areAlone?: boolean;
  /** Every request that the work of these orgs made, and no other. */
  readonly providerRequests: readonly ProviderRequest[];
  /** When processes were stopped and went on: they hear of what ended meanwhile only then. */
  readonly stops?: readonly Stop[];
  /** The clocks of the processes are right, so that what they say of their times can be believed; default false. */
  readonly clocksAreTrue?: boolean;
}

/** How long the word that a task has ended may take to reach a process that listens. */
const cancelToleranceMs = 2_000;

/** All that is wrong with what these orgs have stored; empty when every invariant holds. */
export const checkInvariants = async ({ database, areAlone, ...input }: CheckInput): Promise<Violation[]> => {
  const { orgs } = input;
  const documents: StoredDocument[] = [];
  for (const org of orgs) documents.push(...(await readDocuments(database, org)));
  const found = areAlone ? await readOrgs(database) : orgs;
  return [...strayOrgs(found, orgs), ...checkDocuments({ documents, checkedAt: Date.now(), ...input })];
};

interface ReadInput extends Omit<CheckInput, 'database' | 'areAlone'> {
  readonly documents: readonly StoredDocument[];
  /** When they were read, in milliseconds since the epoch. */
  readonly checkedAt: number;
}

/** The same for documents that were read already. Pure. */
export const checkDocuments = ({
  documents,
  orgs,
  neighbours = [],
  providerRequests,
  checkedAt,
  stops = [],
  clocksAreTrue = false,
}: ReadInput): Violation[] => {
  const { tasks, unreadable } = historiesOf(documents);
  const requests = new Map(providerRequests.map((request) => [request.id, request]));
  const cancelling = { cancelToleranceMs, stops, requests, clocksAreTrue, checkedAt };
  return [
    ...unreadable,
    ...tasks.flatMap((history) => [
      ...unfinishedWork(history, checkedAt),
      ...doubledResults(history),
      ...streamFaults(history),
      ...sendingFaults(history),
      ...spendingAfterTheEnd(history, cancelling),
    ]),
    ...unrecordedAfterTheEnd(tasks, cancelling),
    ...effectFaults(tasks, providerRequests),
    ...foreignNames(documents, [...orgs, ...neighbours]),
    ...doubledTasks(tasks),
  ];
};
