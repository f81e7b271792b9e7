import { isLostRace } from '../platform/firestore.ts';

/** Somebody else wrote first: look again and decide anew. */
export const onConflict = async <T>(attempt: () => Promise<T>, again: () => Promise<T>): Promise<T> => {
  try {
    return await attempt();
  } catch (error) {
    if (isLostRace(error)) return again();
    throw error;
  }
};
