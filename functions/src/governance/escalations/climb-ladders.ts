// Tells the next party of each escalation that is due. The message goes out of the commit that climbs, so that a crash neither loses it
// nor sends it for a step that was not taken (C5).
import * as logger from 'firebase-functions/logger';
import { addMessage } from '../../communication/index.ts';
import { isLostRace, type Stored } from '../../platform/firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { escalationsToWake, latestOfCause, saveEscalation } from './escalations.firestore.ts';
import { messageTo } from './message.ts';
import { countCause } from './raise-escalation.ts';
import type { Escalation } from './schemas.ts';
import { signalsLeftBehind } from './signals.firestore.ts';
import { climb } from './state.ts';

const batchSize = 100;
/** Ends a run that makes no progress, or would outlast its function: the next one goes on. */
const maxBatches = 50;
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
  for (let batch = 0; batch < maxBatches; batch++) {
    const due = await escalationsToWake(now, batchSize);
    const climbed = await Promise.all(due.map((escalation) => tryToClimb(escalation, now)));
    if (!climbed.includes(true)) return;
  }
};

/** True when a step was taken, by us or by somebody else meanwhile. */
const climbOne = async (stored: Stored<Escalation>, now: Date): Promise<boolean> => {
  const climbed = climb(stored.value, now);
  if (!climbed) return false;
  const { record, told } = climbed;
  try {
    await saveEscalation(stored, record, (batch) => {
      if (told !== null) addMessage(batch, messageTo(told, record), now);
    });
  } catch (error) {
    if (!isLostRace(error)) throw error;
  }
  return true;
};

/** One that fails does not hold up the rest. */
const tryToClimb = async (stored: Stored<Escalation>, now: Date): Promise<boolean> => {
  try {
    return await climbOne(stored, now);
  } catch (error) {
    const { org, id } = stored.value;
    logger.error('An escalation could not climb', { org, escalation: id, error });
    return false;
  }
};

const countLeftBehind = async (now: Date): Promise<void> => {
  const left = await signalsLeftBehind(new Date(now.getTime() - leftBehindMs), batchSize);
  const causes = new Map(left.map(({ org, cause }) => [`${org} ${cause}`, { org, cause }]));
  for (const { org, cause } of causes.values()) {
    try {
      await countCause(org, cause, now);
    } catch (error) {
      logger.error('A signal could not be counted', { org, cause, error });
    }
  }
};
