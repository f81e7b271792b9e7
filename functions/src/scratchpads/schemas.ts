// The records of a task's scratchpad: what specialists note, the sections, and every revision of them. A leaf.
import { z } from 'zod';
import { specialistId } from '../agents/schemas.ts';
import { instant, orgId, role } from '../platform/schemas.ts';

/** The fields of the scratchpad that specialists fill, in the order in which they are printed. */
export const noteFields = [
  'service',
  'dependencies',
  'dataFlow',
  'endpoints',
  'authentication',
  'rateLimits',
  'slas',
] as const;

export const notes = z.partialRecord(z.enum(noteFields), z.string());
export type Notes = z.infer<typeof notes>;

/** `orgs/{org}/tasks/{task}/scratchpad/{assignment}.{epoch}`: an assignment's notes, written with its result. */
export const entry = z.object({
  org: orgId,
  task: z.string(),
  assignment: z.string(),
  ordinal: z.int(),
  specialist: specialistId,
  epoch: z.int(),
  notes,
  /** When its assignment was first started. */
  began: instant.nullable().default(null),
  writtenAt: instant,
});
export type Entry = z.infer<typeof entry>;

/** Names an entry in its task. An assignment whose work was sent back delivers again, in another epoch and with other notes. */
export const entryId = ({ assignment, epoch }: Pick<Entry, 'assignment' | 'epoch'>): string => `${assignment}.${epoch}`;

/** The order of the plan; those of one assignment as they were delivered. */
export const byPlan = (a: Entry, b: Entry): number => a.ordinal - b.ordinal || a.epoch - b.epoch;

/** The sections that notes go into, with the fields of each in the order in which they are printed. */
export const notedSections = {
  serviceArchitecture: ['service', 'dependencies', 'dataFlow'],
  apiContracts: ['endpoints', 'authentication', 'rateLimits', 'slas'],
} as const satisfies Record<string, readonly (typeof noteFields)[number][]>;
export const notedSectionIds = Object.keys(notedSections) as (keyof typeof notedSections)[];

/** Custom checklist items; each field is an item. */
export const checklistId = 'checklist';
/** What holds for the whole page: whether it is archived, and the pads that it links to. Nobody edits it as a section. */
export const padId = 'pad';

/** An id of the callers' own. */
export const slug = /^[a-z][a-z0-9-]{0,39}$/;
export const itemId = z.string().regex(slug, 'must be 1 to 40 of a-z, 0-9 and -, with a letter first');

/** A section that callers can name: one of the specification's, the checklist, or one of their own. */
export const sectionId = z
  .string()
  .max(40)
  .refine(
    (id) => Object.hasOwn(notedSections, id) || (slug.test(id) && id !== padId),
    'must be serviceArchitecture, apiContracts, checklist, or a name of your own: 1 to 40 of a-z, 0-9 and -, with a letter first',
  )
  .meta({ pattern: `^(?!${padId}$)(?:${[...notedSectionIds, slug.source.slice(1, -1)].join('|')})$` });

/** An item of the checklist; `tickedBy` is the uid of who ticked it. */
export const checklistItem = z.strictObject({ text: z.string(), tickedBy: z.string().nullable() });
export type ChecklistItem = z.infer<typeof checklistItem>;

/** null is what was removed. */
const fieldValue = z.union([z.string(), checklistItem, z.null()]);
export type FieldValue = z.infer<typeof fieldValue>;

export const author = z.strictObject({ uid: z.string(), role });
export type Author = z.infer<typeof author>;

/** A field's present value and the revision that it comes from. */
const field = z.strictObject({
  value: fieldValue,
  number: z.int().positive(),
  author,
  at: instant,
  /** The place in the plan of the assignment whose note this is; null: it was edited by hand. */
  ordinal: z.int().nullable(),
  /** When it was last edited by hand, if ever. */
  editedAt: instant.nullable(),
});
export type Field = z.infer<typeof field>;

/** `…/padSections/{section}`: the fold of the section's revisions. */
export const section = z.object({
  org: orgId,
  task: z.string(),
  id: z.string(),
  /** That of the latest revision. */
  number: z.int().nonnegative(),
  fields: z.record(z.string(), field),
  /** The assignments whose notes are merged, each with the epoch of the last. */
  noted: z.record(z.string(), z.int()),
});
export type Section = z.infer<typeof section>;

const revisionTypes = [
  'section.revised',
  'section.conflict',
  'section.rolled_back',
  'item.ticked',
  'pad.archived',
  'pad.unarchived',
  'pad.linked',
  'pad.unlinked',
] as const;
export const revisionType = z.enum(revisionTypes);
export type RevisionType = z.infer<typeof revisionType>;

/** A note that did not take its field: what it offered, and why. */
export const setAside = z.strictObject({
  field: z.string(),
  offered: z.string(),
  because: z.enum(['edited_by_hand', 'later_assignment']),
});
export type SetAside = z.infer<typeof setAside>;

/** `…/padSections/{section}/padRevisions/{number}`: one change of a section, never changed itself, and the event of it. */
export const revision = z.object({
  org: orgId,
  task: z.string(),
  section: z.string(),
  number: z.int().positive(),
  type: revisionType,
  author,
  /** The assignment that it was made for. */
  assignment: z.string().nullable(),
  /** That assignment's place in the plan when this is its note; null: it was made by hand. */
  ordinal: z.int().nullable(),
  /** The epoch in which it was noted; null: it was made by hand. */
  epoch: z.int().nullable(),
  at: instant,
  /** The fields that it set; `content` holds their values. */
  set: z.array(z.string()),
  /** The whole section after it. */
  content: z.record(z.string(), fieldValue),
  setAside: z.array(setAside),
  rolledBackTo: z.int().nullable(),
});
export type Revision = z.infer<typeof revision>;
export type Content = Revision['content'];
