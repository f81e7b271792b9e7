import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { draftOf, makePad, type Pad, type PendingNote } from './pad.ts';
import { entryId, notedSectionIds, noteFields } from './schemas.ts';
import { apply, contentOf, emptySection, maxTextLength } from './sections.ts';
import { anyNotesOfPlan, at, noteOf, padWith, place, sectionWith, stored } from './testing/pads.ts';

const contents = (pad: Pad) => notedSectionIds.map((id) => contentOf(draftOf(pad, id).section));
const sectionsOf = (pad: Pad) => notedSectionIds.map((id) => draftOf(pad, id).section);
const saved = (pad: Pad) => sectionsOf(pad).map(stored);

/** The notes in that order of their assignments, but each assignment's own as it delivered them. */
const asDelivered = (order: readonly PendingNote[]): PendingNote[] => {
  const deliveries = Map.groupBy(order, ({ entry }) => entry.assignment);
  for (const notes of deliveries.values()) notes.sort((a, b) => a.entry.epoch - b.entry.epoch);
  return order.flatMap(({ entry }) => deliveries.get(entry.assignment)?.shift() ?? []);
};

describe('a pad', () => {
  test('read before, during or after a merge has the same content and numbers (P6)', () => {
    fc.assert(
      fc.property(anyNotesOfPlan, fc.nat(6), (notes, merged) => {
        const before = makePad(place, [], notes);
        const half = makePad(place, [], notes.slice(0, merged));
        const during = makePad(place, saved(half), notes.slice(merged));
        const after = makePad(place, saved(before), []);
        expect(sectionsOf(during)).toEqual(sectionsOf(before));
        expect(sectionsOf(after)).toEqual(sectionsOf(before));
      }),
    );
  });

  test('counts a note once that is read as pending and is merged meanwhile (P6)', () => {
    fc.assert(
      fc.property(anyNotesOfPlan, (notes) => {
        const merged = makePad(place, [], notes);
        const read = makePad(place, saved(merged), notes);
        expect(sectionsOf(read)).toEqual(sectionsOf(merged));
        expect(notedSectionIds.flatMap((id) => draftOf(read, id).unsaved)).toEqual([]);
      }),
    );
  });

  test('holds the same texts whatever the order in which notes are merged, also around an edit (P4, P5, P7)', () => {
    const edited = [stored(sectionWith('serviceArchitecture', [{ service: 'by hand', dependencies: null }, 5]))];
    const scenario = fc
      .record({ start: fc.constantFrom([], edited), notes: anyNotesOfPlan })
      .chain(({ start, notes }) =>
        fc.record({
          start: fc.constant(start),
          notes: fc.constant(notes),
          order: fc.shuffledSubarray(notes, { minLength: notes.length }),
        }),
      );
    fc.assert(
      fc.property(scenario, ({ start, notes, order }) => {
        const atOnce = makePad(place, start, notes);
        const oneByOne = asDelivered(order).reduce<Pad>(
          (pad, note) =>
            makePad(
              place,
              [...pad.sections.values()].map(({ section }) => stored(section)),
              [note],
            ),
          makePad(place, start, []),
        );
        expect(contents(oneByOne)).toEqual(contents(atOnce));
      }),
    );
  });

  test('has one revision of a section for each note that says something of it, and its sections are their fold (P1, P3)', () => {
    fc.assert(
      fc.property(anyNotesOfPlan, (notes) => {
        const pad = makePad(place, [], notes);
        for (const id of notedSectionIds) {
          const { section, unsaved } = draftOf(pad, id);
          expect(unsaved.reduce(apply, emptySection({ ...place, id }))).toEqual(section);
          expect(new Set(unsaved.map(({ assignment, epoch }) => `${assignment} ${epoch}`)).size).toBe(unsaved.length);
        }
        const said = notes.flatMap(({ entry }) =>
          noteFields.flatMap((name) => (entry.notes[name] ? [`${entry.assignment} ${name}`] : [])),
        );
        const kept = notedSectionIds.flatMap((id) =>
          draftOf(pad, id).unsaved.flatMap((made) =>
            [...made.set, ...made.setAside.map(({ field }) => field)].map(
              (name) => `${String(made.assignment)} ${name}`,
            ),
          ),
        );
        // Without an edit every note is either taken or set aside, unless a later one says the very same.
        expect(said).toEqual(expect.arrayContaining(kept));
        expect(pad.pending).toEqual(notes.map(({ entry }) => entryId(entry)));
      }),
    );
  });

  test('takes what is noted when work was sent back for what was noted before, merged meanwhile or not (P6, P7)', () => {
    const first = noteOf(1, { service: 'x', dependencies: 'y', slas: 'p95' });
    const again = noteOf(1, { service: 'z' }, at(0), 2);
    const atOnce = padWith(again, first);
    const inTurn = makePad(place, saved(padWith(first)), [again]);
    expect(contents(atOnce)).toEqual([{ service: 'z' }, {}]);
    expect(sectionsOf(inTurn)).toEqual(sectionsOf(atOnce));
    expect(draftOf(inTurn, 'serviceArchitecture').unsaved).toMatchObject([
      { number: 2, assignment: 'a1', epoch: 2, set: ['dependencies', 'service'] },
    ]);
  });

  test('cuts what is too long for a section', () => {
    const pad = padWith(noteOf(0, { service: 'x'.repeat(maxTextLength + 1) }));
    expect(contents(pad)[0]).toEqual({ service: 'x'.repeat(maxTextLength) });
  });
});
