// A task's scratchpad as one reads it: the stored sections and, merged into them, the notes that are committed but not yet
// stored as revisions. Pure.
//
// P6. A reader misses no committed note, and merging changes nothing that a reader can see: content and numbers are those that
//     the merge will store.
import { scratchpadErrors } from './errors.ts';
import { cutText } from '../platform/cut-text.ts';
import { AppError } from '../platform/errors.ts';
import type { Revision as StoreRevision, Stored } from '../platform/firestore.ts';
import type { OrgId } from '../platform/schemas.ts';
import {
  byPlan,
  checklistId,
  entryId,
  notedSectionIds,
  notedSections,
  padId,
  type Entry,
  type Revision,
  type Section,
} from './schemas.ts';
import { apply, concerns, contentOf, emptySection, maxTextLength, takeNote, type SectionNote } from './sections.ts';

/** An entry whose notes no section holds yet, and when its assignment was first started. */
export interface PendingNote {
  readonly entry: Entry;
  readonly began: Date | null;
}

/** A section with the revisions that are not stored yet. `storedAt` is null while nothing of it is. */
export interface Draft {
  readonly storedAt: StoreRevision | null;
  readonly section: Section;
  readonly unsaved: readonly Revision[];
}

export interface Pad {
  readonly org: OrgId;
  readonly task: string;
  readonly sections: ReadonlyMap<string, Draft>;
  /** The entries whose notes are merged here but not in the database, by their ids. */
  readonly pending: readonly string[];
}

export const makePad = (
  { org, task }: { org: OrgId; task: string },
  stored: readonly Stored<Section>[],
  notes: readonly PendingNote[],
): Pad => {
  const sections = new Map<string, Draft>(
    stored.map(({ value, revision }) => [value.id, { storedAt: revision, section: value, unsaved: [] }]),
  );
  const ordered = [...notes].sort((a, b) => byPlan(a.entry, b.entry));
  const pad: Pad = { org, task, sections, pending: ordered.map(({ entry }) => entryId(entry)) };
  return ordered.reduce(mergeNote, pad);
};

const mergeNote = (pad: Pad, { entry, began }: PendingNote): Pad =>
  notedSectionIds.reduce((merged, id) => {
    const note = sectionNote(entry, began, textsFor(entry, id));
    const { section } = draftOf(merged, id);
    return concerns(note, section) ? withRevision(merged, id, takeNote(section, note)) : merged;
  }, pad);

const sectionNote = (entry: Entry, began: Date | null, texts: SectionNote['texts']): SectionNote => ({
  occasion: {
    author: { uid: entry.specialist, role: 'agent' },
    assignment: entry.assignment,
    at: entry.writtenAt,
  },
  ordinal: entry.ordinal,
  epoch: entry.epoch,
  began,
  texts,
});

/** What an entry says of a section; a blank note says nothing. */
const textsFor = ({ notes }: Entry, id: keyof typeof notedSections): Record<string, string> =>
  Object.fromEntries(
    notedSections[id]
      .map((name) => [name, cutText((notes[name] ?? '').trim(), maxTextLength)] as const)
      .filter(([, text]) => text !== ''),
  );

/** A section of the pad; one that nobody has written yet is empty, with the number 0. */
export const draftOf = ({ org, task, sections }: Pad, id: string): Draft =>
  sections.get(id) ?? { storedAt: null, section: emptySection({ org, task, id }), unsaved: [] };

/** The pad after one more revision of a section. */
export const withRevision = (pad: Pad, id: string, made: Revision): Pad => {
  const { storedAt, section, unsaved } = draftOf(pad, id);
  const next: Draft = { storedAt, section: apply(section, made), unsaved: [...unsaved, made] };
  return { ...pad, sections: new Map([...pad.sections, [id, next]]) };
};

const given = (id: string): boolean => Object.hasOwn(notedSections, id) || id === checklistId;

/** A section that callers name. Throws `scratchpads.section_not_found` for one of their own that nobody has written. */
export const sectionOf = (pad: Pad, id: string): Section => {
  const { section } = draftOf(pad, id);
  if (section.number === 0 && !given(id)) throw new AppError(scratchpadErrors.sectionNotFound);
  return section;
};

/** The sections of the callers' own, by id, also those that are empty now. */
export const customSections = ({ sections }: Pad): Section[] =>
  [...sections.values()]
    .map(({ section }) => section)
    .filter(({ id }) => !given(id) && id !== padId)
    .sort((a, b) => (a.id < b.id ? -1 : 1));

/** The field of the pad's own record that says whether it is archived; the others are the tasks that it links to. */
export const archivedField = 'archived';

export const isArchived = (pad: Pad): boolean => Object.hasOwn(contentOf(draftOf(pad, padId).section), archivedField);

/** Throws `scratchpads.archived`. */
export const requireOpen = (pad: Pad): void => {
  if (isArchived(pad)) throw new AppError(scratchpadErrors.archived);
};

/** The tasks whose pads this one links to, with their titles, in the order of their ids. */
export const relatedTasks = (pad: Pad): { task: string; title: string }[] =>
  Object.entries(contentOf(draftOf(pad, padId).section))
    .flatMap(([task, title]) => (task !== archivedField && typeof title === 'string' ? [{ task, title }] : []))
    .sort((a, b) => (a.task < b.task ? -1 : 1));
