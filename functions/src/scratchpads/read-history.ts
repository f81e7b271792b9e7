// The revisions of a section: all that is stored, and those of notes that are not merged yet.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { diffSections, type FieldDiff } from './diff-sections.ts';
import { scratchpadErrors } from './errors.ts';
import { draftOf, sectionOf, type Draft } from './pad.ts';
import { revisionsByKey } from './pad-store.firestore.ts';
import { getPad } from './read-pad.ts';
import type { Content, Revision } from './schemas.ts';

interface Place {
  readonly task: string;
  readonly section: string;
}

/** Newest first; `before` is the number of the last revision of the page before. Throws what `getSection` throws. */
export const listRevisions = async (
  org: OrgId,
  place: Place,
  { pageSize, before }: { pageSize: number; before?: number | undefined },
): Promise<{ revisions: Revision[]; nextPageToken?: string }> => {
  const draft = await draftAt(org, place);
  const newest = Math.min(draft.section.number, (before ?? Number.MAX_SAFE_INTEGER) - 1);
  const oldest = Math.max(1, newest - pageSize + 1);
  const numbers = Array.from({ length: Math.max(0, newest - oldest + 1) }, (_, index) => newest - index);
  const revisions = await revisionsOf(org, draft, numbers);
  return oldest > 1 && numbers.length > 0 ? { revisions, nextPageToken: String(oldest) } : { revisions };
};

/** Throws what `getSection` throws, and `scratchpads.revision_not_found`. */
export const getRevision = async (org: OrgId, place: Place, number: number): Promise<Revision> => {
  const draft = await draftAt(org, place);
  const [found] = number >= 1 && number <= draft.section.number ? await revisionsOf(org, draft, [number]) : [];
  if (!found) throw new AppError(scratchpadErrors.revisionNotFound);
  return found;
};

/** What a section held after a revision; nothing before the first, with the number 0. Throws what `getRevision` throws. */
export const contentAt = async (org: OrgId, place: Place, number: number): Promise<Content> => {
  if (number > 0) return (await getRevision(org, place, number)).content;
  await draftAt(org, place);
  return {};
};

/** The difference of a section at two revisions. Throws what `getRevision` throws. */
export const diffRevisions = async (
  org: OrgId,
  place: Place,
  { from, to }: { from: number; to: number },
): Promise<FieldDiff[]> => {
  const [before, after] = await Promise.all([contentAt(org, place, from), contentAt(org, place, to)]);
  return diffSections(before, after);
};

const draftAt = async (org: OrgId, { task, section }: Place): Promise<Draft> => {
  const pad = await getPad(org, task);
  sectionOf(pad, section);
  return draftOf(pad, section);
};

const revisionsOf = async (
  org: OrgId,
  { section, unsaved }: Draft,
  numbers: readonly number[],
): Promise<Revision[]> => {
  const unstored = new Map(unsaved.map((each) => [each.number, each]));
  const stored = numbers.filter((number) => !unstored.has(number)).map((number) => ({ section: section.id, number }));
  const read = new Map((await revisionsByKey(org, section.task, stored)).map((each) => [each.number, each]));
  return numbers.flatMap((number) => unstored.get(number) ?? read.get(number) ?? []);
};
