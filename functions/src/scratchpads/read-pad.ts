// Reading a task's scratchpad.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { coordinationErrors } from '../coordination/errors.ts';
import { pendingNotes } from './entries.firestore.ts';
import { makePad, sectionOf, type Pad } from './pad.ts';
import { sectionsOfTask, titleOfTask } from './pad-store.firestore.ts';
import type { Section } from './schemas.ts';

/**
 * The pad with every note that was committed before the call; an empty one when nobody has written on it. The notes are read
 * first: one that is merged meanwhile is in its section by the time that is read, and told apart by what the section says (P6
 * of pad.ts).
 */
export const readPad = async (org: OrgId, task: string): Promise<Pad> => {
  const notes = await pendingNotes(org, task);
  return makePad({ org, task }, await sectionsOfTask(org, task), notes);
};

/** Throws `coordination.task_not_found`. */
export const requireTask = async (org: OrgId, task: string): Promise<{ title: string }> => {
  const title = await titleOfTask(org, task);
  if (title === undefined) throw new AppError(coordinationErrors.taskNotFound);
  return { title };
};

/** The pad of a task that must exist. Throws `coordination.task_not_found`. */
export const getPad = async (org: OrgId, task: string): Promise<Pad> => {
  const [, pad] = await Promise.all([requireTask(org, task), readPad(org, task)]);
  return pad;
};

/** Throws `coordination.task_not_found`, `scratchpads.section_not_found`. */
export const getSection = async (org: OrgId, task: string, id: string): Promise<Section> =>
  sectionOf(await getPad(org, task), id);
