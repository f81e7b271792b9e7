// Changing a pad: decide on it as it is, save, and decide again if somebody else was first.
import { isLostRace } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import { mergeNotes } from './merge-notes.ts';
import type { Pad } from './pad.ts';
import { savePad } from './pad-store.firestore.ts';
import { getPad } from './read-pad.ts';

const maxTries = 5;

/**
 * `decide` returns the pad with the revisions to be made, or the very pad when there are none, or throws. Throws
 * `coordination.task_not_found`, and `store.conflict` or `store.exists` when others were faster every time.
 */
export const changePad = async (org: OrgId, task: string, decide: (pad: Pad) => Pad): Promise<Pad> => {
  await mergeNotes(org, task);
  for (let tries = 1; ; tries++) {
    const pad = await getPad(org, task);
    const changed = decide(pad);
    if (changed === pad) return pad;
    try {
      await savePad(changed);
      return changed;
    } catch (error) {
      if (!isLostRace(error) || tries === maxTries) throw error;
    }
  }
};
