// Messages that could not be used, kept with their reason. The id follows from the message, so a redelivery keeps it once (C9).
import { createHash } from 'node:crypto';
import { commit, firestore, parseOptional, readDocument, unchangedSince } from '../platform/firestore.ts';
import type { Stored } from '../platform/firestore.ts';
import { readPage, type Page, type PageRequest } from '../platform/page.firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { deadLetter, type DeadLetter } from './schemas.ts';

const deadLettersOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('deadLetters');

export const deadLetterIdFor = (source: string, messageId: string): string =>
  createHash('sha256').update(`${source}\n${messageId}`).digest('hex').slice(0, 32);

/** Keeps it; one that is kept already stays as it is. Throws `store.exists` then. */
export const createDeadLetter = (letter: DeadLetter) =>
  commit((batch) => batch.create(deadLettersOf(letter.org).doc(letter.id), letter));

export const findDeadLetter = async (org: OrgId, id: string): Promise<Stored<DeadLetter> | undefined> =>
  parseOptional(deadLetter, await readDocument(deadLettersOf(org).doc(id)));

export const markReplayed = (org: OrgId, { value, revision }: Stored<DeadLetter>, now: Date) =>
  commit((batch) =>
    batch.update(deadLettersOf(org).doc(value.id), { state: 'replayed', replayedAt: now }, unchangedSince(revision)),
  );

export const markDiscarded = (org: OrgId, { value, revision }: Stored<DeadLetter>, now: Date) =>
  commit((batch) =>
    batch.update(deadLettersOf(org).doc(value.id), { state: 'discarded', discardedAt: now }, unchangedSince(revision)),
  );

/** Newest first. */
export const pageOfDeadLetters = (org: OrgId, page: PageRequest): Promise<Page<DeadLetter>> =>
  readPage({ schema: deadLetter, collection: deadLettersOf(org), newestBy: 'receivedAt' }, page);
