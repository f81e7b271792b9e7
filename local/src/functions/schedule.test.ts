import { describe, expect, test } from '@jest/globals';
import { SuiteError } from '../errors.ts';
import { parseSchedule } from './schedule.ts';

// A Wednesday.
const now = new Date('2026-03-04T10:07:30Z');

describe('a schedule fires next', () => {
  test.each([
    ['every 1 minutes', '2026-03-04T10:08:00Z'],
    ['every minute', '2026-03-04T10:08:00Z'],
    ['every 5 minutes', '2026-03-04T10:10:00Z'],
    ['every 5 mins', '2026-03-04T10:10:00Z'],
    ['Every  2  Hours', '2026-03-04T12:00:00Z'],
    ['every day 09:30', '2026-03-05T09:30:00Z'],
    ['every day 11:00', '2026-03-04T11:00:00Z'],
    ['every monday 09:00', '2026-03-09T09:00:00Z'],
    ['every sat, sunday 08:15', '2026-03-07T08:15:00Z'],
    ['*/15 * * * *', '2026-03-04T10:15:00Z'],
    ['0 3 1 * *', '2026-04-01T03:00:00Z'],
  ])('%s: at %s', (text, expected) => {
    expect(parseSchedule(text).next(now)).toEqual(new Date(expected));
  });

  test('in its time zone', () => {
    expect(parseSchedule('every day 09:30', 'Europe/Berlin').next(now)).toEqual(new Date('2026-03-05T08:30:00Z'));
  });

  test('strictly later, also when asked at the very moment that it fires', () => {
    const { next } = parseSchedule('every 5 minutes');
    expect(next(next(now))).toEqual(new Date('2026-03-04T10:15:00Z'));
  });
});

test.each(['', 'sometimes', 'every 0 minutes', 'every caturday 09:00', '61 * * * *', '0 0 30 2 *'])(
  '"%s" is refused with an example of what works',
  (text) => {
    expect(() => parseSchedule(text).next(now)).toThrow(SuiteError);
  },
);
