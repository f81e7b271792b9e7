// Editing a section, and taking it back to what it was: both name the revision that their author saw.
import { coordinationErrors } from '../coordination/errors.ts';
import { AppError } from '../platform/errors.ts';
import { httpErrors } from '../platform/http/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { changePad } from './change-pad.ts';
import { changesOf, type SectionEdit } from './edits.ts';
import { draftOf, requireOpen, sectionOf, withRevision, type Pad } from './pad.ts';
import { hasAssignment } from './pad-store.firestore.ts';
import { contentAt } from './read-history.ts';
import type { Section } from './schemas.ts';
import { edit, rollBack, type Occasion } from './sections.ts';

/** Which section, and the number of the revision that the caller saw; 0 is that of a section which nobody has written. */
export interface Seen {
  readonly task: string;
  readonly section: string;
  readonly number: number;
}

/**
 * Sets fields of a section; one that changes nothing makes no revision. Throws `coordination.task_not_found`,
 * `coordination.assignment_not_found`, `http.precondition_failed`, `scratchpads.archived`, and what `changesOf` throws.
 */
export const editSection = async (
  org: OrgId,
  seen: Seen,
  fields: SectionEdit,
  occasion: Occasion,
): Promise<Section> => {
  await requireAssignment(org, seen.task, occasion.assignment);
  const pad = await changePad(org, seen.task, (current) => {
    const section = sectionAsSeen(current, seen);
    const made = edit(section, changesOf(current, section, fields, occasion.author.uid), occasion);
    return made ? withRevision(current, seen.section, made) : current;
  });
  return draftOf(pad, seen.section).section;
};

/**
 * Makes a section what it was after revision `to`, by a new revision. Throws `coordination.task_not_found`,
 * `http.precondition_failed`, `scratchpads.archived`, `scratchpads.section_not_found`, `scratchpads.revision_not_found`.
 */
export const rollBackSection = async (org: OrgId, seen: Seen, to: number, occasion: Occasion): Promise<Section> => {
  const content = await contentAt(org, seen, to);
  const pad = await changePad(org, seen.task, (current) => {
    sectionOf(current, seen.section);
    return withRevision(
      current,
      seen.section,
      rollBack(sectionAsSeen(current, seen), { number: to, content }, occasion),
    );
  });
  return draftOf(pad, seen.section).section;
};

const sectionAsSeen = (pad: Pad, { section: id, number }: Seen): Section => {
  requireOpen(pad);
  const { section } = draftOf(pad, id);
  if (section.number !== number) throw new AppError(httpErrors.preconditionFailed);
  return section;
};

const requireAssignment = async (org: OrgId, task: string, assignment: string | null): Promise<void> => {
  if (assignment === null || (await hasAssignment(org, task, assignment))) return;
  throw new AppError(coordinationErrors.assignmentNotFound);
};
