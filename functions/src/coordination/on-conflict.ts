import { setTimeout as delay } from 'node:timers/promises';
import { isLostRace } from '../platform/firestore.ts';

const maxTries = 8;
const longestPauseMs = 1_000;

/** With full jitter, so that those who lost together do not come back together. */
export const pauseAfter = (tries: number): Promise<void> =>
  delay(Math.random() * Math.min(longestPauseMs, 20 * 2 ** tries));

/**
 * Decides and commits; when somebody else wrote first, looks and decides anew: by `again`, where what the first attempt knew was at hand.
 * Throws the conflict after eight tries, some seconds: what is lost that often is no race.
 */
export const onConflict = async <T>(attempt: () => Promise<T>, again: () => Promise<T> = attempt): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await (tries === 1 ? attempt() : again());
    } catch (error) {
      if (!isLostRace(error) || tries === maxTries) throw error;
    }
    await pauseAfter(tries);
  }
};
