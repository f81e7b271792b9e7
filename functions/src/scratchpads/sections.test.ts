import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checklistId, type Content, type Revision, type Section } from './schemas.ts';
import { apply, contentOf, edit, emptySection, rollBack, takeNote } from './sections.ts';
import { at, byAna, place, sectionWith } from './testing/pads.ts';

const service = (text: string | null) => ({ service: text });
const architecture = (...edits: Parameters<typeof sectionWith>[1][]) => sectionWith('serviceArchitecture', ...edits);

const note = (ordinal: number, text: string, began: Date | null = at(0)) => ({
  occasion: { author: { uid: 'api-designer', role: 'agent' as const }, assignment: `a${ordinal}`, at: at(10) },
  ordinal,
  epoch: 1,
  began,
  texts: { service: text },
});

/** Every way in which a section changes; names of what every object has are names like others. */
const names = fc.constantFrom('service', 'dependencies', 'constructor', 'value-of');
const anyStep = fc.oneof(
  fc.record({
    kind: fc.constant('edit' as const),
    name: names,
    value: fc.constantFrom('x', 'y', null),
    minute: fc.nat(20),
  }),
  fc.record({ kind: fc.constant('note' as const), name: names, value: fc.constantFrom('x', 'z'), minute: fc.nat(20) }),
  fc.record({ kind: fc.constant('rollBack' as const), to: fc.nat(10), minute: fc.nat(20) }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

const revise = (section: Section, history: readonly Revision[], step: Step): Revision | undefined => {
  switch (step.kind) {
    case 'edit':
      return edit(section, { [step.name]: step.value }, byAna(step.minute));
    case 'note': {
      const ordinal = history.length;
      return takeNote(section, { ...note(ordinal, '', at(step.minute)), texts: { [step.name]: step.value } });
    }
    case 'rollBack': {
      const number = step.to % (history.length + 1);
      return rollBack(section, { number, content: history[number - 1]?.content ?? {} }, byAna(step.minute));
    }
  }
};

const live = (id: string, steps: readonly Step[]): { section: Section; history: Revision[] } => {
  const history: Revision[] = [];
  let section = emptySection({ ...place, id });
  for (const step of steps) {
    const made = revise(section, history, step);
    if (!made) continue;
    history.push(made);
    section = apply(section, made);
  }
  return { section, history };
};

describe.each(['serviceArchitecture', 'risks'])('the section %s', (id) => {
  test('is the fold of its revisions, each of which holds what the section held after it (P1)', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 12 }), (steps) => {
        const { section, history } = live(id, steps);
        let folded = emptySection({ ...place, id });
        for (const made of history) {
          folded = apply(folded, made);
          expect(contentOf(folded)).toEqual(made.content);
        }
        expect(folded).toEqual(section);
      }),
    );
  });

  test('numbers its revisions without a gap (P2)', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 12 }), (steps) => {
        const { section, history } = live(id, steps);
        expect(history.map(({ number }) => number)).toEqual(history.map((_, index) => index + 1));
        expect(section.number).toBe(history.length);
      }),
    );
  });

  test('is after a rollback what it was after that revision (P2)', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 12 }), fc.nat(12), (steps, choice) => {
        const { section, history } = live(id, steps);
        const number = choice % (history.length + 1);
        const content: Content = history[number - 1]?.content ?? {};
        const made = rollBack(section, { number, content }, byAna(30));
        expect(contentOf(apply(section, made))).toEqual(content);
        expect(made).toMatchObject({ type: 'section.rolled_back', rolledBackTo: number, number: section.number + 1 });
      }),
    );
  });

  test('loses no note: it has the field, or it is set aside with its text, or the very text stands (P3)', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 12 }), names, fc.constantFrom('x', 'z'), (steps, name, text) => {
        const { section } = live(id, steps);
        const made = takeNote(section, { ...note(99, ''), texts: { [name]: text } });
        const stands = Object.hasOwn(made.content, name) ? made.content[name] : undefined;
        const aside = made.setAside.find(({ field }) => field === name)?.offered;
        expect([stands, aside]).toContain(text);
        expect(apply(section, made).noted).toEqual({ ...section.noted, a99: 1 });
      }),
    );
  });
});

describe('an edit', () => {
  test('that changes nothing makes no revision', () => {
    expect(edit(architecture([service('x'), 1]), service('x'), byAna(2))).toBeUndefined();
    expect(edit(architecture(), service(null), byAna(2))).toBeUndefined();
  });

  test('records its author, its time and what it set, and leaves other fields with theirs', () => {
    const section = architecture([service('x'), 1], [{ dependencies: 'y' }, 2]);
    expect(section.fields).toMatchObject({
      service: { value: 'x', number: 1, author: { uid: 'ana' }, at: at(1) },
      dependencies: { value: 'y', number: 2, at: at(2) },
    });
  });

  test('that ticks an item is the event of a ticked item; one that unticks it is not', () => {
    const open = { text: 'Load test', tickedBy: null };
    const done = { text: 'Load test', tickedBy: 'ana' };
    const checklist = sectionWith(checklistId, [{ load: open }, 1]);
    const ticked = edit(checklist, { load: done }, byAna(2));
    expect(ticked?.type).toBe('item.ticked');
    const after = sectionWith(checklistId, [{ load: done }, 1]);
    expect(edit(after, { load: open }, byAna(2))?.type).toBe('section.revised');
  });

  test('is the same item whatever the order in which the database keeps its parts', () => {
    const checklist = sectionWith(checklistId, [{ load: { tickedBy: null, text: 'Load test' } }, 1]);
    expect(edit(checklist, { load: { text: 'Load test', tickedBy: null } }, byAna(2))).toBeUndefined();
  });
});

describe('a note', () => {
  test('takes a field that nobody has set, for its assignment', () => {
    const made = takeNote(architecture(), note(2, 'x'));
    expect(made).toMatchObject({
      type: 'section.revised',
      assignment: 'a2',
      ordinal: 2,
      set: ['service'],
      setAside: [],
    });
  });

  test('of a later assignment replaces that of an earlier one, and not the other way round (P4)', () => {
    const early = apply(architecture(), takeNote(architecture(), note(1, 'early')));
    expect(takeNote(early, note(2, 'late')).content).toEqual({ service: 'late' });
    const late = apply(architecture(), takeNote(architecture(), note(2, 'late')));
    expect(takeNote(late, note(1, 'early'))).toMatchObject({
      type: 'section.revised',
      set: [],
      content: { service: 'late' },
      setAside: [{ field: 'service', offered: 'early', because: 'later_assignment' }],
    });
  });

  test.each([
    { began: null, who: 'whose beginning nobody knows' },
    { began: at(4), who: 'that began before' },
  ])('of an assignment $who does not replace an edit: a conflict that holds both texts (P5)', ({ began }) => {
    const made = takeNote(architecture([service('by hand'), 5]), note(1, 'noted', began));
    expect(made).toMatchObject({
      type: 'section.conflict',
      set: [],
      content: { service: 'by hand' },
      setAside: [{ field: 'service', offered: 'noted', because: 'edited_by_hand' }],
    });
  });

  test.each([at(5), at(6)])(
    'of an assignment that began when the edit was made, or after, replaces it (P5)',
    (began) => {
      const made = takeNote(architecture([service('by hand'), 5]), note(1, 'noted', began));
      expect(made).toMatchObject({ type: 'section.revised', content: { service: 'noted' }, setAside: [] });
    },
  );

  test('of work that was sent back removes what it does not name again, but nothing of anybody else (P7)', () => {
    const before = takeNote(architecture([{ dependencies: 'by hand' }, 5]), {
      ...note(1, 'x', at(4)),
      texts: { service: 'x', dataFlow: 'In -> Out' },
    });
    const others = apply(architecture([{ dependencies: 'by hand' }, 5]), before);
    const again = takeNote(others, { ...note(1, 'z'), epoch: 2 });
    expect(again).toMatchObject({
      type: 'section.revised',
      set: ['dataFlow', 'service'],
      content: { service: 'z', dependencies: 'by hand' },
      setAside: [],
    });
  });

  test('does not bring back what was removed by hand after its assignment began (P5)', () => {
    const removed = architecture([service('x'), 1], [service(null), 5]);
    expect(takeNote(removed, note(1, 'x', at(4)))).toMatchObject({ type: 'section.conflict', content: {} });
  });

  test('with the text that was edited in by hand is no conflict, and does not end the protection of the edit (P5)', () => {
    const edited = architecture([service('agreed'), 5]);
    const made = takeNote(edited, note(1, 'agreed', at(4)));
    expect(made).toMatchObject({ type: 'section.revised', set: [], setAside: [] });
    expect(takeNote(apply(edited, made), note(2, 'other', at(4))).type).toBe('section.conflict');
  });
});
