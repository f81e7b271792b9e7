import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countAfter, deliver, nextKeys, parseCursor, printCursor, start } from './pad-cursor.ts';
import type { Revision } from './schemas.ts';
import { ana, at, place } from './testing/pads.ts';

const revisionOf = (section: string, number: number, minute: number): Revision => ({
  ...place,
  section,
  number,
  type: 'section.revised',
  author: ana,
  assignment: null,
  ordinal: null,
  epoch: null,
  at: at(minute),
  set: [],
  content: {},
  setAside: [],
  rolledBackTo: null,
});

const sections = ['serviceArchitecture', 'pad', 'risks-2'];

/** The whole log of a pad: for each section the minutes of its revisions, in any order, as clocks may differ. */
const anyLog = fc
  .tuple(...sections.map(() => fc.array(fc.nat(9), { maxLength: 6 })))
  .map((minutes) =>
    sections.map((id, lane) => (minutes[lane] ?? []).map((minute, index) => revisionOf(id, index + 1, minute))),
  );

const headsOf = (log: readonly Revision[][]) =>
  log.flatMap((lane) => lane.slice(-1).map(({ section, number }) => ({ id: section, number })));

const read = (log: readonly Revision[][], from: string, limit: number) => {
  const cursor = parseCursor(from);
  const keys = nextKeys(cursor, headsOf(log), limit);
  const found = keys.flatMap((key) =>
    log.flat().filter(({ section, number }) => section === key.section && number === key.number),
  );
  return deliver(cursor, found);
};

const readAll = (log: readonly Revision[][], from: string, limit: number): Revision[] => {
  const { events, next } = read(log, from, limit);
  if (events.length === 0) return [];
  return [...events.map(({ revision }) => revision), ...readAll(log, printCursor(next), limit)];
};

const name = ({ section, number }: Revision) => `${section} ${number}`;

describe('the events of a pad', () => {
  test('come all and once, each section in order, in pages of any size (E1)', () => {
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 1, max: 7 }), (log, limit) => {
        const all = readAll(log, '0', limit);
        expect(all.map(name).sort()).toEqual(log.flat().map(name).sort());
        for (const lane of log) {
          const section = lane[0]?.section;
          expect(all.filter((each) => each.section === section)).toEqual(lane);
        }
      }),
    );
  });

  test('continue exactly after any event for a reader who comes back with its cursor (E2)', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(20), fc.integer({ min: 1, max: 7 }), (log, choice, limit) => {
        const { events } = read(log, '0', 100);
        const stop = choice % (events.length + 1);
        const seen = events.slice(0, stop).map(({ revision }) => name(revision));
        const rest = readAll(log, events[stop - 1]?.cursor ?? '0', limit).map(name);
        expect([...seen, ...rest].sort()).toEqual(log.flat().map(name).sort());
      }),
    );
  });

  test('are in the order of time within a page', () => {
    const log = [
      [revisionOf('pad', 1, 1), revisionOf('pad', 2, 4)],
      [revisionOf('risks', 1, 2), revisionOf('risks', 2, 3)],
    ];
    expect(read(log, '0', 10).events.map(({ revision }) => name(revision))).toEqual([
      'pad 1',
      'risks 1',
      'risks 2',
      'pad 2',
    ]);
  });

  test('are counted: how many follow a cursor', () => {
    expect(countAfter(start, [{ id: 'pad', number: 2 }])).toBe(2);
    expect(
      countAfter(new Map([['pad', 2]]), [
        { id: 'pad', number: 2 },
        { id: 'risks', number: 1 },
      ]),
    ).toBe(1);
  });
});

describe('a cursor', () => {
  test('is read as it was printed', () => {
    const cursor = fc.array(fc.tuple(fc.constantFrom(...sections), fc.integer({ min: 1, max: 999_999 })));
    fc.assert(fc.property(cursor, (lanes) => expect(parseCursor(printCursor(new Map(lanes)))).toEqual(new Map(lanes))));
  });

  test.each(['', 'nonsense!', 'pad', 'pad.0', 'pad.1~', '~', '00', 'pad.1.2', '../x.1'])(
    'is refused when it is not ours: %s',
    (text) => {
      expect(() => parseCursor(text)).toThrow(expect.objectContaining({ code: 'coordination.invalid_cursor' }));
    },
  );
});
