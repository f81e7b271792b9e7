import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deliver, parseCursor, printCursor, start, wholeCommits } from './event-cursor.ts';
import { event, type Event } from './schemas.ts';

const eventAt = (lane: number, seq: number, millis: number): Event =>
  event.parse({
    org: 'acme',
    task: 'tsk_00000000000000000000',
    stream: lane === 0 ? 'task' : `a${lane}`,
    lane,
    seq,
    at: new Date(millis),
    recordedAt: new Date(millis),
    type: 'assignment.started',
    data: {},
  });

/** Histories of several lanes, each in its own order, with the database's times running ahead or behind a little. */
const histories = fc
  .array(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 0, maxLength: 12 }), { minLength: 1, maxLength: 8 })
  .map((lanes) => lanes.flatMap((times, lane) => times.map((time, index) => eventAt(lane, index + 1, 1_000 + time))));

const name = ({ lane, seq }: Event) => `${lane}.${seq}`;

describe('merging the streams of a task', () => {
  test('delivers every event once and each lane in its order, whatever order they are read in (E1)', () => {
    fc.assert(
      fc.property(histories, fc.func(fc.integer()), (history, order) => {
        const shuffled = [...history].sort((a, b) => order(name(a)) - order(name(b)));
        const { delivered } = deliver(start, shuffled);
        expect(delivered.map(({ event }) => name(event)).sort()).toEqual(history.map(name).sort());
        const last = new Map<number, number>();
        for (const { event } of delivered) {
          expect(event.seq).toBe((last.get(event.lane) ?? 0) + 1);
          last.set(event.lane, event.seq);
        }
      }),
    );
  });

  test('a reader who comes back with any cursor gets exactly the rest (E2)', () => {
    fc.assert(
      fc.property(histories, fc.nat(), (history, cut) => {
        const { delivered } = deliver(start, history);
        const at = delivered.length === 0 ? 0 : cut % delivered.length;
        const cursor = delivered[at]?.cursor;
        const rest = deliver(cursor === undefined ? start : parseCursor(cursor), history).delivered;
        expect(rest.map(({ event }) => name(event)).sort()).toEqual(
          delivered
            .slice(cursor === undefined ? 0 : at + 1)
            .map(({ event }) => name(event))
            .sort(),
        );
      }),
    );
  });

  test('holds an event back until its predecessor in the lane is there', () => {
    const held = deliver(start, [eventAt(1, 2, 5)]);
    expect(held.delivered).toEqual([]);
    const both = deliver(held.next, [eventAt(1, 2, 5), eventAt(1, 1, 9)]);
    expect(both.delivered.map(({ event }) => event.seq)).toEqual([1, 2]);
  });

  test('puts what was recorded together in the order task first, then by plan', () => {
    const together = [eventAt(2, 1, 7), eventAt(0, 1, 7), eventAt(1, 1, 7)];
    expect(deliver(start, together).delivered.map(({ event }) => event.lane)).toEqual([0, 1, 2]);
  });
});

describe('the printed cursor', () => {
  test('reads back as it was', () => {
    const cursors = fc.record({
      millis: fc.nat({ max: 2 ** 40 }),
      lanes: fc.array(fc.nat({ max: 9_999 }), { maxLength: 201 }),
    });
    fc.assert(fc.property(cursors, (cursor) => expect(parseCursor(printCursor(cursor))).toEqual(cursor)));
  });

  test.each(['', 'x', '-', '1-2.', '1-.2', '../etc', '1-2;3', 'Z-1', ' 1-2', '1-2\n', `1-${'1.'.repeat(2_000)}1`])(
    'refuses %j',
    (text) => expect(() => parseCursor(text)).toThrow('cursor'),
  );
});

describe('what a task was at a cursor (E3)', () => {
  /** Each number is a commit: one event in each of the lanes that its bits name. */
  const committed = fc.array(fc.integer({ min: 1, max: 31 }), { maxLength: 12 }).map((commits) => {
    const seqs = [0, 0, 0, 0, 0];
    return commits.flatMap((bits, index) =>
      seqs.flatMap((_, lane) => {
        if ((bits & (1 << lane)) === 0) return [];
        const seq = (seqs[lane] ?? 0) + 1;
        seqs[lane] = seq;
        return [{ lane, seq, commit: `c${index}` }];
      }),
    );
  });
  const cut = fc.array(fc.nat({ max: 12 }), { maxLength: 5 });

  test('holds everything up to the cursor, whole commits, and each lane without a gap', () => {
    fc.assert(
      fc.property(committed, cut, (events, lanes) => {
        const taken = wholeCommits(events, { lanes });
        const isTaken = new Set(taken);
        for (const each of events) {
          if (each.seq <= (lanes[each.lane] ?? 0)) expect(isTaken.has(each)).toBe(true);
        }
        const commits = new Set(taken.map(({ commit }) => commit));
        for (const each of events.filter(({ commit }) => commits.has(commit))) expect(isTaken.has(each)).toBe(true);
        for (const seqs of Map.groupBy(taken, ({ lane }) => lane).values()) {
          expect(seqs.map(({ seq }) => seq)).toEqual(seqs.map((_, index) => index + 1));
        }
      }),
    );
  });

  test('holds nothing more when the cursor cuts no commit', () => {
    fc.assert(
      fc.property(committed, fc.nat(), (events, seed) => {
        const commits = [...new Set(events.map(({ commit }) => commit))];
        const upTo = new Set(commits.slice(0, seed % (commits.length + 1)));
        const prefix = events.filter(({ commit }) => upTo.has(commit));
        const lanes = [0, 1, 2, 3, 4].map((lane) => prefix.filter((each) => each.lane === lane).length);
        expect(wholeCommits(events, { lanes })).toEqual(prefix);
      }),
    );
  });
});
