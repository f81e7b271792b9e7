// Tells the next party of each escalation that is due. The message goes out of the commit that climbs, so that a crash neither loses it
// nor sends it for a step that was not taken (C5).
import * as logger from 'firebase-functions/logger';
import { addMessage } from '../../communication/index.ts';
import { handleDue } from '../../platform/due-records.ts';
import { describeError } from '../../platform/errors.ts';
import { isLostRace, type Stored } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { escalationsToWake, latestOfCause, saveEscalation } from './escalations.firestore.ts';
import { messageTo } from './message.ts';
import { countCause } from './raise-escalation.ts';
import type { Escalation } from './schemas.ts';
import { signalsLeftBehind } from './signals.firestore.ts';
import { climb } from './state.ts';

/** A younger signal is still with its own event. */
const leftBehindMs = 60_000;

/** Counts the signals of a cause, and tells the first party of what is new at once. */
export const handleSignal = async (org: OrgId, cause: string, now: Date): Promise<void> => {
  await countCause(org, cause, now);
  const latest = await latestOfCause(org, cause);
  if (latest) await climbOne(latest, now);
};

/** Once a minute: the signals whose event was lost, then every escalation that is due. */
export const climbLadders = async (now: Date): Promise<void> => {
  await countLeftBehind(now);
  await handleDue(escalationsToWake(now), (escalation) => climbAll(escalation, now));
};

/** What it became by the next step; undefined when none is due, or when somebody else changed it meanwhile. */
const climbOne = async (stored: Stored<Escalation>, now: Date): Promise<Stored<Escalation> | undefined> => {
  const climbed = climb(stored.value, now);
  if (!climbed) return undefined;
  const { record, told } = climbed;
  try {
    const revision = await saveEscalation(stored, record, (batch) => {
      if (told !== null) addMessage(batch, messageTo(told, record), now);
    });
    return { value: record, revision };
  } catch (error) {
    if (!isLostRace(error)) throw error;
    return undefined;
  }
};

/** After a sweep that comes late more than one step may be due. One that fails does not hold up the rest. */
const climbAll = async (due: Stored<Escalation>, now: Date): Promise<void> => {
  const { org, id } = due.value;
  try {
    for (let current: Stored<Escalation> | undefined = due; current;) current = await climbOne(current, now);
  } catch (error) {
    logger.error('An escalation could not climb', { org, escalation: id, cause: describeError(error) });
  }
};

/** Whoever counts a cause counts all of its signals, so each cause is counted once. */
const countLeftBehind = async (now: Date): Promise<void> => {
  const met = new Set<string>();
  await handleDue(signalsLeftBehind(new Date(now.getTime() - leftBehindMs)), async ({ value: { org, cause } }) => {
    const key = `${org} ${cause}`;
    if (met.has(key)) return;
    met.add(key);
    await tryToCount(org, cause, now);
  });
};

const tryToCount = async (org: OrgId, cause: string, now: Date): Promise<void> => {
  try {
    await countCause(org, cause, now);
  } catch (error) {
    logger.error('A signal could not be counted', { org, signal: cause, cause: describeError(error) });
  }
};
