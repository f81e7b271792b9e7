// Merging the specialists' notes into the sections, apart from the commits that they came with: those must not wait for one
// another (C7). Whoever merges takes all that is pending, so that many who start at once have little left to do.
import { isLostRace } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { pendingNotes } from './entries.firestore.ts';
import { makePad } from './pad.ts';
import { savePad, sectionsOfTask } from './pad-store.firestore.ts';

/** A commit takes 10 MiB: room for that many notes on all fields, each as long as fits and set aside, in a script of three bytes. */
const maxNotesPerCommit = 10;
const maxLostRaces = 10;

/**
 * Merges what is pending. Doing so twice is harmless: a note that is merged is not pending, and its section names it. Throws
 * `store.conflict` or `store.exists` when others were faster every time.
 */
export const mergeNotes = async (org: OrgId, task: string): Promise<void> => {
  for (let lost = 0; ;) {
    const notes = (await pendingNotes(org, task)).slice(0, maxNotesPerCommit);
    if (notes.length === 0) return;
    try {
      await savePad(makePad({ org, task }, await sectionsOfTask(org, task), notes));
    } catch (error) {
      lost += 1;
      if (!isLostRace(error) || lost === maxLostRaces) throw error;
    }
  }
};
