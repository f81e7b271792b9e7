import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cronFault, isTimeZone, latestRun, nextRun, nextRuns } from './cron.ts';

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo'];
const minuteMs = 60_000;

const moment = fc.date({ min: new Date('2024-01-01Z'), max: new Date('2030-01-01Z'), noInvalidDate: true });
const zone = fc.constantFrom(...zones);

/** A field as text, and the values that it stands for. */
interface Field {
  readonly text: string;
  readonly values: ReadonlySet<number>;
}

const range = (from: number, to: number, step = 1) =>
  new Set(Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step));

/** `last`: the field's highest value, where it may be higher than those that are named. */
const field = (min: number, max: number, last = max): fc.Arbitrary<Field> =>
  fc.oneof(
    fc.constant({ text: '*', values: range(min, last) }),
    fc
      .integer({ min: 2, max: Math.min(20, max) })
      .map((step) => ({ text: `*/${step}`, values: range(min, last, step) })),
    fc
      .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 })
      .map((list) => ({ text: list.join(','), values: new Set(list) })),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
      .map(([from, to]) => ({ text: `${from}-${to}`, values: range(from, to) })),
  );

// Days that are named end with the 28th, so that every pattern has a date in each of its months; the others are in the table below.
const pattern = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28, 31), field(1, 12))
  .map(([minute, hour, day, month]) => ({ minute, hour, day, month }));
type Pattern = typeof pattern extends fc.Arbitrary<infer T> ? T : never;

const textOf = ({ minute, hour, day, month }: Pattern) => [minute.text, hour.text, day.text, month.text, '*'].join(' ');

const fits = ({ minute, hour, day, month }: Pattern, at: Date): boolean =>
  minute.values.has(at.getUTCMinutes()) &&
  hour.values.has(at.getUTCHours()) &&
  day.values.has(at.getUTCDate()) &&
  month.values.has(at.getUTCMonth() + 1);

/** What a clock in the zone shows, as if it were UTC. */
const wallClock = (at: Date, timeZone: string): Date => {
  const parts = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
  return new Date(`${parts.replace(' ', 'T')}Z`);
};

const offsetMs = (at: Date, timeZone: string) => wallClock(at, timeZone).getTime() - at.getTime();

/** The pattern's first moment after that one, found by looking at each minute of at most `days` days. */
const byLooking = (wanted: Pattern, after: Date, days: number): Date | null => {
  const first = Math.floor(after.getTime() / minuteMs) + 1;
  for (let minute = first; minute < first + days * 24 * 60; minute++) {
    const at = new Date(minute * minuteMs);
    if (fits(wanted, at)) return at;
  }
  return null;
};

describe('the next run', () => {
  test('is strictly later, on a whole minute, and the same when asked again (T1)', () => {
    fc.assert(
      fc.property(pattern, zone, moment, (wanted, timeZone, after) => {
        const next = nextRun(textOf(wanted), timeZone, after);
        expect(next?.getTime()).toBeGreaterThan(after.getTime());
        expect((next?.getTime() ?? 1) % minuteMs).toBe(0);
        expect(nextRun(textOf(wanted), timeZone, after)).toEqual(next);
      }),
    );
  });

  test('is the first moment that fits the pattern', () => {
    fc.assert(
      fc.property(pattern, moment, (wanted, after) => {
        const looked = byLooking(wanted, after, 3);
        const next = nextRun(textOf(wanted), 'UTC', after);
        if (looked) expect(next).toEqual(looked);
        else expect(next && fits(wanted, next)).toBe(true);
      }),
    );
  });

  test('fits the clock of the zone, or is a time of day that the clock has just jumped over (T2, T3)', () => {
    fc.assert(
      fc.property(pattern, zone, moment, (wanted, timeZone, after) => {
        const next = nextRun(textOf(wanted), timeZone, after) ?? after;
        const jumped = offsetMs(next, timeZone) > offsetMs(new Date(next.getTime() - minuteMs), timeZone);
        const isTimeOfDay = !`${wanted.minute.text}${wanted.hour.text}`.includes('*');
        expect(fits(wanted, wallClock(next, timeZone)) || (isTimeOfDay && jumped)).toBe(true);
      }),
    );
  });

  test('does not change while the time up to it passes', () => {
    fc.assert(
      fc.property(
        pattern,
        zone,
        moment,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (wanted, timeZone, after, part) => {
          const next = nextRun(textOf(wanted), timeZone, after) ?? after;
          const between = new Date(after.getTime() + Math.floor((next.getTime() - after.getTime()) * part));
          expect(nextRun(textOf(wanted), timeZone, between)).toEqual(next);
        },
      ),
    );
  });
});

describe('the latest run', () => {
  test('is the last of the runs that asking for the next one, again and again, comes to', () => {
    fc.assert(
      fc.property(pattern, zone, moment, fc.integer({ min: 0, max: 6 }), (wanted, timeZone, after, count) => {
        const cron = textOf(wanted);
        const runs = nextRuns(cron, timeZone, after, count + 2);
        const [run = after, following = after] = runs.slice(count);
        expect(latestRun(cron, timeZone, run)).toEqual(run);
        expect(latestRun(cron, timeZone, new Date(following.getTime() - 1))).toEqual(run);
      }),
    );
  });

  // In spring 2026 the clocks go from 2:00 to 3:00 (Berlin: 29 March, 1:00Z; New York: 8 March, 7:00Z); in autumn from 3:00 to 2:00
  // in Berlin (25 October, 1:00Z) and from 2:00 to 1:00 in New York (1 November, 6:00Z).
  test.each([
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T22:00Z', '2026-03-30T22:00Z'],
    ['*/20 * * * *', 'Europe/Berlin', '2026-03-28T22:00Z', '2026-03-29T04:00Z'],
    ['30 2,3 * * *', 'Europe/Berlin', '2026-10-24T22:00Z', '2026-10-26T22:00Z'],
    ['*/20 * * * *', 'America/New_York', '2026-11-01T03:00Z', '2026-11-01T08:00Z'],
    ['30 1 * * *', 'America/New_York', '2026-10-31T03:00Z', '2026-11-02T08:00Z'],
  ])(
    'of %s in %s agrees with the next one at every minute around a change of the clocks',
    (cron, timeZone, from, to) => {
      const runs = nextRuns(cron, timeZone, new Date(Date.parse(from) - 48 * 60 * minuteMs), 500);
      for (let at = Date.parse(from); at < Date.parse(to); at += 5 * minuteMs) {
        const last = runs.filter((run) => run.getTime() <= at).at(-1);
        expect([new Date(at), latestRun(cron, timeZone, new Date(at))]).toEqual([new Date(at), last]);
      }
    },
  );
});

describe('when the clocks change', () => {
  test.each([
    // A fixed time that is skipped runs when the clock has jumped.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T23:10Z', ['29 01:00', '30 00:30']],
    ['30 2 * * *', 'America/New_York', '2026-03-08T05:10Z', ['08 07:00', '09 06:30']],
    ['0,30 2 * * *', 'Europe/Berlin', '2026-03-28T23:10Z', ['29 01:00', '30 00:00', '30 00:30']],
    ['30 2,3 * * *', 'Europe/Berlin', '2026-03-28T23:10Z', ['29 01:00', '29 01:30', '30 00:30']],
    ['0 3 * * *', 'Europe/Berlin', '2026-03-28T23:10Z', ['29 01:00', '30 01:00']],
    // A fixed time that is repeated runs the first time.
    ['30 2 * * *', 'Europe/Berlin', '2026-10-24T22:10Z', ['25 00:30', '26 01:30']],
    ['30 1 * * *', 'America/New_York', '2026-11-01T04:10Z', ['01 05:30', '02 06:30']],
    ['30 2,3 * * *', 'Europe/Berlin', '2026-10-24T22:10Z', ['25 00:30', '25 02:30', '26 01:30']],
    ['0 3 * * *', 'Europe/Berlin', '2026-10-24T22:10Z', ['25 02:00', '26 02:00']],
    // An interval keeps its length.
    ['*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:10Z', ['29 00:30', '29 01:00', '29 01:30']],
    ['*/30 * * * *', 'America/New_York', '2026-03-08T06:10Z', ['08 06:30', '08 07:00', '08 07:30']],
    ['15 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', ['25 00:15', '25 01:15', '25 02:15']],
    ['15 * * * *', 'America/New_York', '2026-11-01T04:30Z', ['01 05:15', '01 06:15', '01 07:15']],
  ])('%s in %s after %s runs at %j', (cron, timeZone, after, expected) => {
    const runs = nextRuns(cron, timeZone, new Date(after), expected.length);
    expect(runs.map((run) => run.toISOString().slice(8, 16).replace('T', ' '))).toEqual(expected);
  });

  test.each([
    ['Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25T01:15:00Z', '2026-10-26T01:30:00.000Z'],
  ])('in %s a time that has run does not run again when it is repeated, asked at %s', (timeZone, after, expected) => {
    expect(nextRun('30 2 * * *', timeZone, new Date(after))?.toISOString()).toBe(expected);
  });
});

describe('a pattern', () => {
  test.each([
    ['0 12 31 * *', '2026-04-01Z', '2026-05-31T12:00:00.000Z'],
    ['0 12 29 2 *', '2026-01-01Z', '2028-02-29T12:00:00.000Z'],
    ['0 12 L * *', '2026-02-01Z', '2026-02-28T12:00:00.000Z'],
    ['0 12 * * FRI#2', '2026-02-01Z', '2026-02-13T12:00:00.000Z'],
    ['0 12 13 * 5', '2026-02-01Z', '2026-02-06T12:00:00.000Z'],
    ['0 12 * JAN-MAR 7', '2026-03-30Z', '2027-01-03T12:00:00.000Z'],
  ])('such as %s runs after %s at %s', (cron, after, expected) => {
    expect([cronFault(cron), nextRun(cron, 'UTC', new Date(after))?.toISOString()]).toEqual([undefined, expected]);
  });

  test.each([
    ['', 'must be five fields'],
    ['* * * *', 'must be five fields'],
    ['0 * * * * *', 'must be five fields'],
    ['@daily', 'must be five fields'],
    ['2026-01-01T00:00:00', 'must be five fields'],
    ['61 * * * *', 'is not a cron pattern: '],
    ['*/0 * * * *', 'is not a cron pattern: '],
    ['10-5 * * * *', 'is not a cron pattern: '],
    ['0 0 * JANUARY *', 'is not a cron pattern: '],
    ['0 0 30 2 *', 'names a date that never comes'],
  ])('such as %j is refused: %s', (cron, reason) => {
    expect(cronFault(cron)).toMatch(new RegExp(`^${reason}`));
  });
});

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Etc/GMT+3', true],
  ['+02:00', false],
  ['Europe/Atlantis', false],
  ['local', false],
  ['', false],
])('%j is a time zone: %j', (name, expected) => {
  expect(isTimeZone(name)).toBe(expected);
});
