// The revisions of a section: all that is stored, and those of notes that are not merged yet.
import { AppError } from '../platform/errors.ts';
import type { OrgId } from '../platform/schemas.ts';
import { takePage } from '../platform/slices.ts';
import { diffSections, type FieldDiff } from './diff-sections.ts';
import { scratchpadErrors } from './errors.ts';
import { draftOf, sectionOf, type Draft } from './pad.ts';
import { slicesOfRevisions } from './pad-store.firestore.ts';
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
  const { records: revisions } = await takePage(slicesAt(org, draft, numbers), pageSize);
  const last = revisions.at(-1)?.number ?? 1;
  return last > 1 ? { revisions, nextPageToken: String(last) } : { revisions };
};

/** Throws what `getSection` throws, and `scratchpads.revision_not_found`. */
export const getRevision = async (org: OrgId, place: Place, number: number): Promise<Revision> => {
  const draft = await draftAt(org, place);
  const numbers = number >= 1 && number <= draft.section.number ? [number] : [];
  const [found] = (await takePage(slicesAt(org, draft, numbers), 1)).records;
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

/** The revisions of those numbers, from the newest on: those that are not stored are newer than those that are. */
async function* slicesAt(
  org: OrgId,
  { section, unsaved }: Draft,
  numbers: readonly number[],
): AsyncGenerator<Revision[]> {
  const unstored = new Map(unsaved.map((each) => [each.number, each]));
  yield numbers.flatMap((number) => unstored.get(number) ?? []);
  const stored = numbers.filter((number) => !unstored.has(number)).map((number) => ({ section: section.id, number }));
  yield* slicesOfRevisions(org, section.task, stored);
}
