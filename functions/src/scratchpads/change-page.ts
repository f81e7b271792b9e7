// What holds for a whole pad: whether it is archived, and which others it links to. Each change is a revision of the pad's own
// record, so that it has an author, a history and an event like any other. An edit that was decided at the very moment at which
// the pad is archived may still land after it; its revision says so.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { changePad } from './change-pad.ts';
import { scratchpadErrors } from './errors.ts';
import { archivedField, draftOf, relatedTasks, requireOpen, withRevision, type Pad } from './pad.ts';
import { requireTask } from './read-pad.ts';
import { padId, type Author, type FieldValue, type RevisionType } from './schemas.ts';
import { edit } from './sections.ts';

export interface PageChange {
  readonly author: Author;
  readonly at: Date;
}

const maxRelated = 50;

/** Archives a pad or opens it again; what is so already stays so. Throws `coordination.task_not_found`. */
export const setArchived = (org: OrgId, task: string, archived: boolean, change: PageChange): Promise<Pad> =>
  changePad(org, task, (pad) =>
    set(pad, [archivedField, archived ? 'yes' : null], archived ? 'pad.archived' : 'pad.unarchived', change),
  );

/**
 * Links to the pad of another task; a link that is there stays. Throws `coordination.task_not_found` for either,
 * `scratchpads.linked_to_itself`, `scratchpads.archived`, `scratchpads.too_large`.
 */
export const linkPad = async (org: OrgId, task: string, other: string, change: PageChange): Promise<Pad> => {
  if (other === task) throw new AppError(scratchpadErrors.linkedToItself);
  await requireTask(org, task);
  const { title } = await requireTask(org, other);
  return changePad(org, task, (pad) => {
    requireOpen(pad);
    if (relatedTasks(pad).filter((each) => each.task !== other).length >= maxRelated) {
      throw new AppError(scratchpadErrors.tooLarge, { detail: `A scratchpad links to at most ${maxRelated} others.` });
    }
    return set(pad, [other, title], 'pad.linked', change);
  });
};

/** Removes a link; one that is not there is gone. Throws `coordination.task_not_found`, `scratchpads.archived`. */
export const unlinkPad = (org: OrgId, task: string, other: string, change: PageChange): Promise<Pad> =>
  changePad(org, task, (pad) => {
    requireOpen(pad);
    return set(pad, [other, null], 'pad.unlinked', change);
  });

const set = (pad: Pad, [name, value]: [string, FieldValue], type: RevisionType, { author, at }: PageChange): Pad => {
  const occasion = { type, author, assignment: null, at };
  const made = edit(draftOf(pad, padId).section, { [name]: value }, occasion);
  return made ? withRevision(pad, padId, made) : pad;
};
