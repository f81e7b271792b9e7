// What a section is made of. Pure.
//
// P1. A section changes by a revision only, and is the fold of its revisions: `apply` is the one place where it changes.
// P2. The revisions of a section are numbered 1, 2, 3 … without a gap, and none is ever changed: a rollback is a new one.
// P3. Every note becomes exactly one revision of each section that it has fields for. A field that it does not get is set aside
//     in that revision with its text: no note is lost.
// P4. Of two notes on a field, that of the later assignment in the plan stands, whichever was merged first.
// P5. A field that was edited by hand (through the API, by whomever) takes only notes of assignments that began after its last
//     edit: they could have seen it. Any other note with another text is a conflict: what stands stays, the note is set aside.
// P7. What an assignment notes when its work was sent back takes the place of all that it had noted: a field that still holds its
//     former note and is not noted again is removed.
import { checklistId, notedSections } from './schemas.ts';
import type { Author, Content, Field, FieldValue, Revision, Section, SetAside } from './schemas.ts';

/** Room for one text; what a model notes beyond it is cut, its entry keeps the whole. */
export const maxTextLength = 20_000;

export const emptySection = ({ org, task, id }: Pick<Section, 'org' | 'task' | 'id'>): Section => ({
  org,
  task,
  id,
  number: 0,
  fields: {},
  noted: {},
});

/** A section's field, removed or not; a name may be that of something every object has. */
const fieldOf = (section: Section, name: string): Field | undefined =>
  Object.hasOwn(section.fields, name) ? section.fields[name] : undefined;

/** The value of a field; null when there is none. */
export const valueOf = (content: Content, name: string): FieldValue =>
  Object.hasOwn(content, name) ? (content[name] ?? null) : null;

/** The values of a section without what was removed. */
export const contentOf = ({ fields }: Section): Content =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, { value }]) => value !== null)
      .map(([name, { value }]) => [name, value]),
  );

/** The section after a revision (P1). */
export const apply = (section: Section, made: Revision): Section => {
  const { number, assignment, epoch } = made;
  const set = made.set.map((name) => [name, fieldSetBy(made, name, fieldOf(section, name))] as const);
  const fields: Section['fields'] = { ...section.fields, ...Object.fromEntries(set) };
  return {
    ...section,
    number,
    fields: keepsRemoved(section.id) ? fields : withoutRemoved(fields),
    noted: epoch === null || assignment === null ? section.noted : { ...section.noted, [assignment]: epoch },
  };
};

const fieldSetBy = (
  { number, author, at, ordinal, content }: Revision,
  name: string,
  before: Field | undefined,
): Field => ({
  value: valueOf(content, name),
  number,
  author,
  at,
  ordinal,
  editedAt: ordinal === null ? at : (before?.editedAt ?? null),
});

// Only where notes go does it matter who removed a field and when (P5); elsewhere names would pile up.
const keepsRemoved = (id: string): boolean => Object.hasOwn(notedSections, id);

const withoutRemoved = (fields: Section['fields']): Section['fields'] =>
  Object.fromEntries(Object.entries(fields).filter(([, { value }]) => value !== null));

/** Who changes a section, when, and for which assignment. */
export interface Occasion {
  readonly author: Author;
  readonly assignment: string | null;
  readonly at: Date;
}

/** What each field named shall be; null removes it. */
export type Changes = Readonly<Record<string, FieldValue>>;

const changedBy = (section: Section, changes: Changes): Changes =>
  Object.fromEntries(
    Object.entries(changes).filter(([name, value]) => !isSame(fieldOf(section, name)?.value ?? null, value)),
  );

/** Compared part by part: the database does not keep the order of an item's fields. */
const isSame = (a: FieldValue, b: FieldValue): boolean =>
  typeof a === 'object' && typeof b === 'object' && a !== null && b !== null
    ? a.text === b.text && a.tickedBy === b.tickedBy
    : a === b;

/** The next revision, which sets what `changes` names. */
const draft = (section: Section, changes: Changes, occasion: Occasion): Revision => {
  const { org, task, id, number } = section;
  const content = { ...contentOf(section), ...changes };
  return {
    org,
    task,
    section: id,
    number: number + 1,
    type: 'section.revised',
    author: occasion.author,
    assignment: occasion.assignment,
    ordinal: null,
    epoch: null,
    at: occasion.at,
    set: Object.keys(changes),
    content: Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null)),
    setAside: [],
    rolledBackTo: null,
  };
};

/** An edit by hand; undefined when it would change nothing. */
export const edit = (
  section: Section,
  changes: Changes,
  occasion: Occasion & { readonly type?: Revision['type'] },
): Revision | undefined => {
  const made = draft(section, changedBy(section, changes), occasion);
  if (made.set.length === 0) return undefined;
  const ticks = section.id === checklistId && made.set.some((name) => isNewlyTicked(section, made.content, name));
  return { ...made, type: occasion.type ?? (ticks ? 'item.ticked' : 'section.revised') };
};

const isNewlyTicked = (section: Section, content: Content, name: string): boolean =>
  isTicked(valueOf(content, name)) && !isTicked(fieldOf(section, name)?.value ?? null);

const isTicked = (value: FieldValue): boolean => typeof value === 'object' && value !== null && value.tickedBy !== null;

/** Makes the section what it was after revision `to`; also when it is so already, as somebody wanted it to be. */
export const rollBack = (section: Section, to: { number: number; content: Content }, occasion: Occasion): Revision => {
  const gone = Object.keys(contentOf(section)).filter((name) => valueOf(to.content, name) === null);
  const changes = { ...Object.fromEntries(gone.map((name) => [name, null])), ...to.content };
  return {
    ...draft(section, changedBy(section, changes), occasion),
    type: 'section.rolled_back',
    rolledBackTo: to.number,
  };
};

/** A specialist's note as far as one section is concerned. */
export interface SectionNote {
  readonly occasion: Occasion & { readonly assignment: string };
  readonly ordinal: number;
  readonly epoch: number;
  /** When its assignment was first started; null when nobody knows. */
  readonly began: Date | null;
  readonly texts: Readonly<Record<string, string>>;
}

/** Whether a note that is not merged yet has something to say of the section, or to take back (P7). */
export const concerns = (note: SectionNote, section: Section): boolean => {
  const { epoch, occasion, texts } = note;
  if (epoch <= notedEpoch(section, occasion.assignment)) return false;
  return Object.keys(texts).length > 0 || withdrawn(section, note).length > 0;
};

/** The epoch of the last notes of an assignment that are merged; 0 when none are. */
const notedEpoch = ({ noted }: Section, assignment: string): number =>
  Object.hasOwn(noted, assignment) ? (noted[assignment] ?? 0) : 0;

/** The fields that hold what the assignment had noted and does not note again: an ordinal is that of one assignment. */
const withdrawn = (section: Section, { ordinal, texts }: SectionNote): string[] =>
  Object.entries(section.fields)
    .filter(([name, { value, ordinal: by }]) => by === ordinal && value !== null && !Object.hasOwn(texts, name))
    .map(([name]) => name);

/** The revision by which a note is merged (P3, P4, P5, P7). */
export const takeNote = (section: Section, note: SectionNote): Revision => {
  const verdicts = Object.entries(note.texts).map(([field, offered]) => {
    const holder = fieldOf(section, field);
    return { field, offered, because: objection(holder, note), agrees: holder?.value === offered };
  });
  const taken = verdicts.filter(({ because }) => because === undefined);
  const aside = verdicts.flatMap(({ agrees, because, ...rest }) => (because && !agrees ? [{ ...rest, because }] : []));
  const conflict = aside.some(({ because }) => because === 'edited_by_hand');
  const changes: Changes = {
    ...Object.fromEntries(withdrawn(section, note).map((name) => [name, null])),
    ...Object.fromEntries(taken.map(({ field, offered }) => [field, offered])),
  };
  return {
    ...draft(section, changes, note.occasion),
    type: conflict ? 'section.conflict' : 'section.revised',
    ordinal: note.ordinal,
    epoch: note.epoch,
    setAside: aside,
  };
};

/** Why a note may not have the field; undefined when it may. */
const objection = (holder: Field | undefined, { ordinal, began }: SectionNote): SetAside['because'] | undefined => {
  if (!holder) return undefined;
  if (holder.editedAt && !(began && holder.editedAt <= began)) return 'edited_by_hand';
  return holder.ordinal !== null && holder.ordinal > ordinal ? 'later_assignment' : undefined;
};
