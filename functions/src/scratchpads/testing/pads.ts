// Pads, notes and edits for tests.
import fc from 'fast-check';
import { orgId } from '../../platform/schemas.ts';
import { makePad, type Pad, type PendingNote } from '../pad.ts';
import { entry, noteFields, type Author, type Notes, type Section } from '../schemas.ts';
import { edit, emptySection, apply, type Changes, type Occasion } from '../sections.ts';

export const place = { org: orgId.parse('acme'), task: 't' };
export const ana: Author = { uid: 'ana', role: 'member' };

export const byAna = (minute: number): Occasion => ({ author: ana, assignment: null, at: at(minute) });

/** A time, in minutes since the beginning. */
export const at = (minute: number): Date => new Date(minute * 60_000);

export const noteOf = (ordinal: number, notes: Notes, began: Date | null = at(0), epoch = 1): PendingNote => ({
  entry: entry.parse({
    ...place,
    assignment: `a${ordinal}`,
    ordinal,
    specialist: 'api-designer',
    epoch,
    notes,
    writtenAt: at(10),
  }),
  began,
});

export const padWith = (...notes: PendingNote[]): Pad => makePad(place, [], notes);

export const stored = (section: Section) => ({ value: section, revision: '1.0' });

export const sectionWith = (id: string, ...edits: [Changes, number][]): Section =>
  edits.reduce(
    (section, [changes, minute]) => {
      const made = edit(section, changes, byAna(minute));
      return made ? apply(section, made) : section;
    },
    emptySection({ ...place, id }),
  );

/** Few texts and fields, so that they meet. */
const anyNotes = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...noteFields), fc.constantFrom('', 'x', 'y', 'z')), {
    selector: ([name]) => name,
  })
  .map((fields): Notes => Object.fromEntries(fields));

/** Notes by plan: those of some assignments once more, as their work was sent back; each began before or after minute 5. */
export const anyNotesOfPlan = fc
  .array(fc.tuple(fc.array(anyNotes, { minLength: 1, maxLength: 2 }), fc.constantFrom(null, at(1), at(5), at(6))), {
    maxLength: 6,
  })
  .map((all) =>
    all.flatMap(([deliveries, began], ordinal) =>
      deliveries.map((notes, index) => noteOf(ordinal, notes, began, index + 1)),
    ),
  );
