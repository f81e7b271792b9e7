// How a draft becomes an escalation. A signal goes into the commit that found it, without a read (C5); counting comes after, off the
// hot path, and takes all that wait for one cause at once, so that many signals of the same cause do not queue for one record (C7).
import * as logger from 'firebase-functions/logger';
import { AppError, describeError } from '../../platform/errors.ts';
import { commit, isLostRace } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { governanceErrors } from '../errors.ts';
import { policyOf } from '../policy/policies.ts';
import { findEscalation, latestOfCause, writeCount } from './escalations.firestore.ts';
import type { Escalation, EscalationDraft } from './schemas.ts';
import { addSignal, countedBefore, findOccurrence, signalOf, waitingSignals } from './signals.firestore.ts';
import { countSignals, isNews } from './state.ts';

const countedAtOnce = 100;

/** Counts what waits for a cause, in one escalation. Safe to call at any time, by many at once. */
export const countCause = async (org: OrgId, cause: string, now: Date): Promise<void> => {
  const [signals, latest] = await Promise.all([waitingSignals(org, cause, countedAtOnce), latestOfCause(org, cause)]);
  if (signals.length === 0) return;
  const [known, { escalation }] = await Promise.all([countedBefore(org, signals), policyOf(org)]);
  const fresh = signals.filter((signal) => isNews(signal, known.get(signal.id), latest?.value));
  try {
    const records = countSignals(latest?.value, fresh, { ladder: escalation.ladder, now });
    await writeCount(org, { latest, records, signals });
  } catch (error) {
    if (!isLostRace(error)) throw error;
  }
  // Either there may be more, or somebody else took some of these: look again.
  await countCause(org, cause, now);
};

export interface Raised {
  readonly escalation: Escalation;
  /** True when an occurrence with the key was counted before. */
  readonly replayed: boolean;
}

/**
 * Raises a draft outside any other commit and returns the escalation that it became or joined. Throws
 * `governance.escalation_key_reused` when a person used its key to say something else; a detector that sees the same again sees it
 * with other figures.
 */
export const raiseEscalation = async (draft: EscalationDraft, now: Date): Promise<Raised> => {
  const { org, id, cause, fingerprint } = signalOf(draft, now);
  const before = await countedAs(org, id);
  // What a person said under a key stays said; what a detector sees after the resolution may be news.
  const replayed = before !== undefined && (draft.by !== null || before.escalation.state !== 'resolved');
  if (!replayed) {
    await commit((batch) => addSignal(batch, draft, now));
    await countCause(org, cause, now);
  }
  const counted = replayed ? before : await countedAs(org, id);
  if (!counted) throw new Error('A counted signal has an escalation.');
  if (draft.by !== null && counted.fingerprint !== fingerprint)
    throw new AppError(governanceErrors.escalationKeyReused);
  return { escalation: counted.escalation, replayed };
};

const countedAs = async (org: OrgId, signal: string) => {
  const counted = await findOccurrence(org, signal);
  const stored = counted && (await findEscalation(org, counted.escalation));
  return stored && { fingerprint: counted.fingerprint, escalation: stored.value };
};

/** Raises what detectors saw. One that cannot be raised holds up neither the others nor the caller: it is seen again. Never fails. */
export const raiseEach = async (drafts: readonly EscalationDraft[], now: Date): Promise<void> => {
  await Promise.all(
    drafts.map(async (draft) => {
      try {
        await raiseEscalation(draft, now);
      } catch (error) {
        const { org, task, trigger } = draft;
        logger.error('An escalation could not be raised', { org, task, trigger, cause: describeError(error) });
      }
    }),
  );
};
